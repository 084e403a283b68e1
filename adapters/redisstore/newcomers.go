package redisstore

import (
	"context"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Newcomers are ids of items that came into being, told before whoever made them is answered: one stream an epoch. A position in it names
// an entry that is there still, by its id and a token, for a stream that begins anew may give the same ids. So a stream that was lost, emptied
// or has grown past the position is told from one in which nothing is new.
type Newcomers struct{ c *Client }

// NewNewcomers keeps the streams in c.
func NewNewcomers(c *Client) *Newcomers { return &Newcomers{c} }

const (
	mostNewcomers = 10_000 // entries, of up to 500 ids each
	newcomersLife = time.Hour
	sinceEntries  = 1000 // in one answer
)

func (n *Newcomers) stream(epoch uint64) string {
	return n.c.opts.Prefix + "newcomers:" + decimal(epoch)
}

// Begin returns a position before everything that is told from now on.
func (n *Newcomers) Begin(ctx context.Context, epoch uint64) (string, error) {
	return n.tell(ctx, epoch, "")
}

// Tell adds the ids.
func (n *Newcomers) Tell(ctx context.Context, epoch uint64, ids []string) error {
	_, err := n.tell(ctx, epoch, strings.Join(ids, "/")) // which no id holds
	return err
}

func (n *Newcomers) tell(ctx context.Context, epoch uint64, ids string) (string, error) {
	token := NewToken()
	pipe := n.c.rdb.Pipeline()
	at := pipe.XAdd(ctx, &redis.XAddArgs{Stream: n.stream(epoch), MaxLen: mostNewcomers, Approx: true, Values: []any{"i", ids, "t", token}})
	pipe.Expire(ctx, n.stream(epoch), newcomersLife)
	_, err := pipe.Exec(ctx)
	return at.Val() + " " + token, unavailable(err)
}

// Since returns what was told after the position, up to some thousand entries, and the position after that. It is false where that
// cannot be known.
func (n *Newcomers) Since(ctx context.Context, epoch uint64, position string) (ids []string, at string, known bool, err error) {
	at, _, _ = strings.Cut(position, " ")
	entries, err := n.c.rdb.XRangeN(ctx, n.stream(epoch), at, "+", sinceEntries).Result()
	if err != nil {
		return nil, position, false, unavailable(err)
	}
	if len(entries) == 0 || placeOf(entries[0]) != position {
		return nil, position, false, nil
	}
	for _, e := range entries[1:] {
		if text, _ := e.Values["i"].(string); text != "" {
			ids = append(ids, strings.Split(text, "/")...)
		}
	}
	return ids, placeOf(entries[len(entries)-1]), true, nil
}

func placeOf(e redis.XMessage) string {
	token, _ := e.Values["t"].(string)
	return e.ID + " " + token
}
