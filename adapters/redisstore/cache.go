package redisstore

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Cache keeps copies of what readers asked for, each under its kind and id. Every copy belongs to an epoch, and is there for readers of
// that epoch alone: ADR 32 says who decides on it.
//
// Who finds nothing may get a lease: the right to read the source and keep what it said. The lease ends with any Store or Drop of the
// same id, so that what was read before a write is never kept after it.
type Cache struct {
	c    *Client
	kind string // one letter
	life time.Duration
}

// NewCache keeps copies of one kind, for at most life.
func NewCache(c *Client, kind string, life time.Duration) *Cache { return &Cache{c, kind, life} }

// leaseLife bounds how long others wait for who died with a lease.
const leaseLife = 2 * time.Second

// Found is what became of a lookup.
type Found uint8

// What may become of it.
const (
	Same  Found = iota + 1 // what the caller has is what is held
	Held                   // here it is
	Yours                  // nothing is held, and the caller has the lease
	Taken                  // nothing is held, and somebody else has it
)

// Copy is what is held: whoever has the same tag has the same contents.
type Copy struct {
	Tag      uint64 // below 2^53
	Contents string
}

func (s *Cache) keys(id string) []string {
	root := s.c.root(partitionOf(id))
	return []string{root + "cached:" + s.kind + ":" + id, root + "filling:" + s.kind + ":" + id}
}

// NewToken is for a Lookup.
func NewToken() string { return strconv.FormatUint(rand.Uint64(), 36) }

// Lookup looks for the id under the epoch; have is the tag of the caller's own copy, of the same epoch, or none.
func (s *Cache) Lookup(ctx context.Context, epoch uint64, id string, have *uint64, token string) (Found, Copy, error) {
	if found, held, err := s.peek(ctx, epoch, id, have); err != nil || found != 0 {
		return found, held, err
	}
	tag := ""
	if have != nil {
		tag = decimal(*have)
	}
	answer, err := lookupScript.Run(ctx, s.c.rdb, s.keys(id), decimal(epoch), tag, token, leaseLife.Milliseconds()).StringSlice()
	if err != nil {
		return 0, Copy{}, unavailable(err)
	}
	switch {
	case len(answer) == 1 && answer[0] == "same":
		return Same, Copy{}, nil
	case len(answer) == 1 && answer[0] == "yours":
		return Yours, Copy{}, nil
	case len(answer) == 1 && answer[0] == "taken":
		return Taken, Copy{}, nil
	case len(answer) == 3 && answer[0] == "held":
		tag, err := strconv.ParseUint(answer[1], 10, 64)
		return Held, Copy{tag, answer[2]}, unavailable(err)
	}
	return 0, Copy{}, unavailable(errors.New("a lookup that answers otherwise"))
}

// peek answers what is held without a script, which takes twice as long; 0 where nothing is.
func (s *Cache) peek(ctx context.Context, epoch uint64, id string, have *uint64) (Found, Copy, error) {
	value := s.keys(id)[0]
	if have != nil {
		head, err := s.c.rdb.GetRange(ctx, value, 0, longestHead-1).Result()
		if err != nil {
			return 0, Copy{}, unavailable(err)
		}
		if of, c, ok := copyIn(head); !ok || of != epoch {
			return 0, Copy{}, nil
		} else if c.Tag == *have {
			return Same, Copy{}, nil
		}
	}
	text, err := s.c.rdb.Get(ctx, value).Result()
	if errors.Is(err, redis.Nil) {
		return 0, Copy{}, nil
	}
	if err != nil {
		return 0, Copy{}, unavailable(err)
	}
	if of, c, ok := copyIn(text); ok && of == epoch {
		return Held, c, nil
	}
	return 0, Copy{}, nil
}

// longestHead is how many bytes epoch and tag take at most, with their blanks.
const longestHead = 42

// copyIn reads a value as scripts/cached.lua describes it.
func copyIn(text string) (epoch uint64, c Copy, ok bool) {
	first, rest, _ := strings.Cut(text, " ")
	second, contents, whole := strings.Cut(rest, " ")
	epoch, err := strconv.ParseUint(first, 10, 64)
	if err != nil || !whole {
		return 0, Copy{}, false
	}
	tag, err := strconv.ParseUint(second, 10, 64)
	return epoch, Copy{tag, contents}, err == nil
}

// Fill keeps what was read under the lease, for at most life, and reports whether it did: not where something was written since.
func (s *Cache) Fill(ctx context.Context, epoch uint64, id, token string, read Copy, life time.Duration) (bool, error) {
	kept, err := fillScript.Run(ctx, s.c.rdb, s.keys(id), decimal(epoch), decimal(read.Tag), token, read.Contents, min(life, s.life).Milliseconds()).Bool()
	return kept, unavailable(err)
}

// Release gives the lease back.
func (s *Cache) Release(ctx context.Context, id, token string) error {
	return unavailable(fillScript.Run(ctx, s.c.rdb, s.keys(id), "0", "0", token, "", "").Err())
}

// Store keeps what was written, where nothing is held whose tag is as high; with replace only in the place of something held.
// It ends the leases of all.
func (s *Cache) Store(ctx context.Context, epoch uint64, written map[string]Copy, replace bool) error {
	only := ""
	if replace {
		only = "held"
	}
	calls := make([]call, 0, len(written))
	for id, w := range written {
		calls = append(calls, call{keys: s.keys(id), args: []any{decimal(epoch), decimal(w.Tag), w.Contents, s.life.Milliseconds(), only}})
	}
	return s.c.runAll(ctx, storeScript, calls)
}

// Drop removes what is held of the ids, of whatever epoch, and ends their leases. It returns how many copies that were.
func (s *Cache) Drop(ctx context.Context, ids ...string) (int64, error) {
	dropped := int64(0)
	for len(ids) > 0 {
		n := min(len(ids), batch)
		pipe := s.c.rdb.Pipeline()
		copies := make([]interface{ Val() int64 }, n)
		for i, id := range ids[:n] {
			keys := s.keys(id)
			copies[i] = pipe.Del(ctx, keys[0])
			pipe.Del(ctx, keys[1])
		}
		if _, err := pipe.Exec(ctx); err != nil {
			return dropped, unavailable(err)
		}
		for _, c := range copies {
			dropped += c.Val()
		}
		ids = ids[n:]
	}
	return dropped, nil
}

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }
