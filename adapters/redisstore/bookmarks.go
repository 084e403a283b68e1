package redisstore

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/feed"
)

// maxMarks bounds the moments of one owner; past it the one that ends first is dropped.
const maxMarks = 2000

// Bookmarks is a feed.Bookmarks. An owner who is a viewer has its id.
type Bookmarks struct{ c *Client }

// NewBookmarks keeps bookmarks in c.
func NewBookmarks(c *Client) *Bookmarks { return &Bookmarks{c} }

// Mark implements feed.Bookmarks. The same cursor again is kept already, and that is no failure.
func (b *Bookmarks) Mark(ctx context.Context, owner string, moment int64, cursor string, until time.Time) (bool, error) {
	k, now := b.c.keysOf(audience.ViewerID(owner)), time.Now()
	kept, err := markScript.Run(ctx, b.c.rdb, []string{k.mark(moment), k.marks},
		cursor, millis(until.Sub(now)), strconv.FormatInt(moment, 10), until.UnixMilli(), now.UnixMilli(), maxMarks, k.root, k.viewer,
	).Bool()
	return kept, unavailable(err)
}

// Find implements feed.Bookmarks.
func (b *Bookmarks) Find(ctx context.Context, owner string, moment int64) (string, error) {
	cursor, err := b.c.rdb.Get(ctx, b.c.keysOf(audience.ViewerID(owner)).mark(moment)).Result()
	if errors.Is(err, redis.Nil) {
		return "", feed.ErrSessionNotFound
	}
	return cursor, unavailable(err)
}
