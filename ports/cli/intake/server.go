package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Server is a running Freshet, reached by HTTP.
type Server struct {
	base   string
	key    string // empty: none is sent
	client *http.Client
	now    func() time.Time
}

// mostAnswer is how long an answer may be: some 10,000 results.
const mostAnswer = 64 << 20

// NewServer takes the address of the public plane, such as http://127.0.0.1:8080, and the key to prove oneself with; empty: none.
func NewServer(address, key string) (*Server, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%q is not the address of a server, such as http://127.0.0.1:8080", address)
	}
	return &Server{
		base: strings.TrimSuffix(u.String(), "/"), key: key, client: &http.Client{Timeout: 2 * time.Minute}, now: time.Now,
	}, nil
}

// Items implements Target.
func (s *Server) Items(ctx context.Context, lines []Line) ([]Outcome, error) {
	return s.send(ctx, "/v1/items:batch", lines)
}

// Events implements Target.
func (s *Server) Events(ctx context.Context, lines []Line) ([]Outcome, error) {
	return s.send(ctx, "/v1/events", lines)
}

// send posts the lines; when they are too much for the server, in halves.
func (s *Server) send(ctx context.Context, path string, lines []Line) ([]Outcome, error) {
	out, err := s.post(ctx, path, lines)
	var refused *answered
	if !errors.As(err, &refused) || refused.status != http.StatusRequestEntityTooLarge {
		return out, err
	}
	if len(lines) == 1 {
		return []Outcome{{Status: Rejected, Code: refused.Code, Field: refused.Field, Message: refused.Message}}, nil
	}
	first, err := s.send(ctx, path, lines[:len(lines)/2])
	if err != nil {
		return nil, err
	}
	second, err := s.send(ctx, path, lines[len(lines)/2:])
	return append(first, second...), err
}

func (s *Server) post(ctx context.Context, path string, lines []Line) ([]Outcome, error) {
	var body bytes.Buffer
	for _, l := range lines {
		body.Write(l.Text)
		body.WriteByte('\n')
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+path, &body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	req.Header.Set("Accept", "application/json")
	if s.key != "" {
		req.Header.Set("Authorization", "Bearer "+s.key)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, &Later{Err: err}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if err != nil {
		return nil, &Later{Err: fmt.Errorf("POST %s: %w", s.base+path, err)}
	}
	if resp.StatusCode != http.StatusOK {
		return nil, s.refused(path, resp, text)
	}
	return outcomes(s.base+path, text, len(lines))
}

func outcomes(address string, text []byte, n int) ([]Outcome, error) {
	var answer struct {
		Results []struct {
			Status  string `json:"status"`
			Error   string `json:"error"`
			Field   string `json:"field"`
			Message string `json:"message"`
		} `json:"results"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, fmt.Errorf("POST %s: not an answer of Freshet: %w", address, err)
	}
	if len(answer.Results) != n {
		return nil, fmt.Errorf("POST %s: %d lines were sent and %d answered", address, n, len(answer.Results))
	}
	out := make([]Outcome, n)
	for i, r := range answer.Results {
		out[i] = Outcome{r.Status, r.Error, r.Field, r.Message}
	}
	return out, nil
}

// answered is a refusal of the whole batch.
type answered struct {
	address string
	status  int
	Code    string `json:"error"`
	Field   string `json:"field"`
	Message string `json:"message"`
}

func (a *answered) Error() string {
	parts := []string{"POST " + a.address, strconv.Itoa(a.status)}
	for _, p := range []string{a.Field, a.Code, a.Message} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ": ")
}

func (s *Server) refused(path string, resp *http.Response, text []byte) error {
	a := &answered{}
	if json.Unmarshal(text, a) != nil {
		a.Message = http.StatusText(resp.StatusCode)
	}
	a.address, a.status = s.base+path, resp.StatusCode
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
		return &Later{s.retryAfter(resp.Header.Get("Retry-After")), a}
	}
	return a
}

// retryAfter reads seconds or a date; 0 when there is neither.
func (s *Server) retryAfter(header string) time.Duration {
	if n, err := strconv.ParseUint(header, 10, 16); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(s.now()))
	}
	return 0
}
