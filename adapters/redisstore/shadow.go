package redisstore

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// shadowPrefix follows the prefix of every key that shadow traffic has.
const shadowPrefix = "shadow:"

// Shadow is the same Redis for shadow traffic, over the same connections: all stores of this package work on it, under keys of its own.
// It is closed with the client that it is of.
type Shadow struct{ *Client }

// Shadow keeps nothing of viewers for longer than keep after they came last.
func (c *Client) Shadow(keep time.Duration) *Shadow {
	o := c.opts
	o.Prefix += shadowPrefix
	o.Served, o.Seen, o.Consumed, o.Viewer = min(o.Served, keep), min(o.Seen, keep), min(o.Consumed, keep), min(o.Viewer, keep)
	apart := &Client{rdb: c.rdb, opts: o, party: c.party, wills: newWills()}
	apart.roots, apart.streams = rootsUnder(o.Prefix)
	return &Shadow{apart}
}

// Clear removes every key of shadow traffic and returns how many there were. It goes through all keys there are, in small steps.
func (s *Shadow) Clear(ctx context.Context) (removed int64, err error) {
	var total atomic.Int64
	err = s.eachMaster(ctx, func(ctx context.Context, node redis.Cmdable) error {
		keys := node.Scan(ctx, 0, literal.Replace(s.opts.Prefix)+"*", 1000).Iterator()
		pipe := node.Pipeline()
		send := func() error {
			gone, err := pipe.Exec(ctx)
			for _, cmd := range gone {
				if n, ok := cmd.(*redis.IntCmd); ok {
					total.Add(n.Val())
				}
			}
			return err
		}
		for keys.Next(ctx) {
			pipe.Unlink(ctx, keys.Val()) // one by one: in a cluster their slots differ
			if pipe.Len() >= batch {
				if err := send(); err != nil {
					return err
				}
			}
		}
		if err := keys.Err(); err != nil || pipe.Len() == 0 {
			return err
		}
		return send()
	})
	return total.Load(), err
}

// literal escapes what patterns read otherwise.
var literal = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`)
