package redisstore

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
)

// Hook watches what the client sends.
func (c *Client) Hook(h redis.Hook) { c.rdb.AddHook(h) }

// Do sends any command, past the stores.
func (c *Client) Do(ctx context.Context, args ...any) *redis.Cmd { return c.rdb.Do(ctx, args...) }

// eachNode runs do on every node.
func (c *Client) eachNode(ctx context.Context, do func(redis.Cmdable) error) error {
	var mu sync.Mutex
	return c.eachMaster(ctx, func(_ context.Context, node redis.Cmdable) error {
		mu.Lock()
		defer mu.Unlock()
		return do(node)
	})
}

// Prefix is what every key begins with.
func (c *Client) Prefix() string { return c.opts.Prefix }

// EachKey tells all keys there are, and how long each has left; below zero: for ever.
func (c *Client) EachKey(ctx context.Context, tell func(key string, left time.Duration)) error {
	return c.eachNode(ctx, func(node redis.Cmdable) error {
		keys, err := node.Keys(ctx, "*").Result()
		for _, key := range keys {
			tell(key, node.PTTL(ctx, key).Val())
		}
		return err
	})
}

// FlushScripts makes every node forget all scripts.
func (c *Client) FlushScripts(ctx context.Context) error {
	return c.eachNode(ctx, func(node redis.Cmdable) error { return node.ScriptFlush(ctx).Err() })
}

// KeysOf are the keys that name the viewer, wherever they are.
func (c *Client) KeysOf(ctx context.Context, v audience.ViewerID) (all []string, err error) {
	err = c.eachNode(ctx, func(node redis.Cmdable) error {
		keys, err := node.Keys(ctx, c.opts.Prefix+"*:"+string(v)).Result()
		all = append(all, keys...)
		return err
	})
	return all, err
}

// SessionKey and ItemsKey are the two keys of a session.
func (c *Client) SessionKey(v feed.Visit) string { return c.keysOf(v.Viewer).session(v.ID) }

func (c *Client) ItemsKey(v feed.Visit) string { return c.keysOf(v.Viewer).items(v.ID) }

// The caps of one owner.
const (
	MaxSessions = maxSessions
	MaxMarks    = maxMarks
)

// ChangesKey names the stream of changes.
func (c *Client) ChangesKey() string { return c.changes() }

// ExposureKeys name the streams of exposures.
func (c *Client) ExposureKeys() []string {
	var all []string
	for p := range partitions {
		all = append(all, c.exposures(p))
	}
	return all
}

// The codecs, for fuzzing.
var (
	AppendVisit, DecodeVisit       = appendVisit, decodeVisit
	AppendPage, DecodePage         = appendPage, decodePage
	AppendSnapshot, DecodeSnapshot = appendSnapshot, decodeSnapshot
)

// DecodeNumbers reads what a session served, DecodeServed what a viewer was served since.
func DecodeNumbers(s string) ([]catalog.Number, bool) { return decodeNumbers(nil, s) }

func DecodeServed(s string, since int64) ([]audience.Mark, bool) {
	return new(room).decodeServed(s, since)
}

// AppendPast writes what is known of a viewer's past.
var AppendPast = appendPast

// DecodePast reads all of it, however old.
func DecodePast(s string) (k audience.Knowledge, ok bool) {
	ok = new(room).decodePast(s, &k, &Options{Seen: math.MaxInt64, Consumed: math.MaxInt64}, time.Now())
	return k, ok
}

// AppendPacked and Unpack write and read a packed text.
func AppendPacked(b []byte, s string) []byte { return appendPacked(b, s) }

func Unpack(s string) (text, rest string, ok bool) {
	r := scanner{s: s}
	form, n, packed := r.packed()
	if r.bad {
		return "", "", false
	}
	return string(appendUnpacked(nil, form, n, packed)), r.s, true
}

// FormerKey names a key of a viewer's by its kind.
func (c *Client) FormerKey(kind string, v audience.ViewerID) string { return c.keysOf(v).former(kind) }

// WillKey and TokenKey are where a viewer's decisions lie, and the token of all copies.
func (c *Client) WillKey(v audience.ViewerID) string { return c.keysOf(v).will }

func (c *Client) TokenKey(v audience.ViewerID) string { return c.keysOf(v).token }

// MostDecisions bounds HeldDecisions, which are those kept between pages.
const MostDecisions = mostDecisions

func (c *Client) HeldDecisions() int {
	c.wills.mu.Lock()
	defer c.wills.mu.Unlock()
	return c.wills.holding
}
