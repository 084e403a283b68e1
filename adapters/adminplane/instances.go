package adminplane

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

var errNoAnswer = fault.New(fault.Unavailable, "instance_unavailable", "the instance did not answer")

// Instances is the diagnosing.Instances over HTTP.
type Instances struct {
	client *http.Client
	key    string
}

// New asks by client, and proves itself with the key; empty: with nothing.
func New(client *http.Client, key string) *Instances { return &Instances{client, key} }

// mostBytes bounds an answer.
const mostBytes = 64 << 10

// Digest implements diagnosing.Instances.
func (s *Instances) Digest(ctx context.Context, url string) (d catalog.Digest, err error) {
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(url, "/")+"/index/digest", nil)
	if err != nil {
		return d, errNoAnswer.Because(err)
	}
	if s.key != "" {
		ask.Header.Set("Authorization", "Bearer "+s.key)
	}
	answer, err := s.client.Do(ask)
	if err != nil {
		return d, errNoAnswer.Saying("%s", err).Because(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return d, errNoAnswer.Saying("%s answers %s", ask.URL, answer.Status)
	}
	var said struct {
		Items int    `json:"items"`
		Sum   string `json:"sum"`
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, mostBytes)).Decode(&said); err != nil {
		return d, errNoAnswer.Saying("%s answers what is no digest", ask.URL).Because(err)
	}
	if d.Sum, err = strconv.ParseUint(said.Sum, 16, 64); err != nil {
		return d, errNoAnswer.Saying("%s answers what is no digest", ask.URL).Because(err)
	}
	d.Items = said.Items
	return d, nil
}
