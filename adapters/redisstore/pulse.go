package redisstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet/freshet/application/remembering"
)

// Seal implements remembering.Heart.
func (c *Client) Seal(ctx context.Context, p remembering.Pulse) error {
	lost := int64(0)
	if !p.Lost.IsZero() {
		lost = p.Lost.UnixMilli()
	}
	return unavailable(c.rdb.Set(ctx, c.pulse(), fmt.Sprintf("%s %d %d", p.RunID, p.At.UnixMilli(), lost), 0).Err())
}

// Sealed implements remembering.Heart. What no version of us wrote is as if nothing were kept.
func (c *Client) Sealed(ctx context.Context) (p remembering.Pulse, err error) {
	text, err := c.rdb.Get(ctx, c.pulse()).Result()
	if errors.Is(err, redis.Nil) {
		return p, nil
	}
	if err != nil {
		return p, unavailable(err)
	}
	var id string
	var at, lost int64
	if _, err := fmt.Sscanf(text, "%s %d %d", &id, &at, &lost); err != nil {
		return p, nil
	}
	p = remembering.Pulse{RunID: id, At: time.UnixMilli(at)}
	if lost != 0 {
		p.Lost = time.UnixMilli(lost)
	}
	return p, nil
}
