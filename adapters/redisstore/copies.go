package redisstore

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet/freshet/application/rebuilding"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/feed"
)

// Copies is the rebuilding.Copies.
type Copies struct{ c *Client }

// NewCopies works on c.
func NewCopies(c *Client) *Copies { return &Copies{c} }

// Held implements rebuilding.Copies.
func (s *Copies) Held(ctx context.Context, ids []audience.ViewerID) ([]bool, error) {
	type answer struct{ under, token *redis.StringCmd }
	answers, pipe := make([]answer, len(ids)), s.c.rdb.Pipeline()
	past := make([]*redis.IntCmd, len(ids))
	for i, id := range ids {
		k := s.c.keysOf(id)
		answers[i] = answer{pipe.HGet(ctx, k.will, heldField), pipe.Get(ctx, k.token)}
		past[i] = pipe.Exists(ctx, k.past)
	}
	if err := execReads(ctx, pipe); err != nil {
		return nil, err
	}
	held := make([]bool, len(ids))
	for i, a := range answers {
		held[i] = a.under.Val() != "" && a.under.Val() == a.token.Val() && past[i].Val() == 1
	}
	return held, nil
}

// Versions implements rebuilding.Copies.
func (s *Copies) Versions(ctx context.Context, ids []audience.ViewerID) ([]int64, error) {
	tokens, pipe := make([]*redis.StringCmd, len(ids)), s.c.rdb.Pipeline()
	for i, id := range ids {
		key := s.c.keysOf(id).token
		takeToken(ctx, pipe, key)
		tokens[i] = pipe.Get(ctx, key)
	}
	if err := execReads(ctx, pipe); err != nil {
		return nil, err
	}
	versions := make([]int64, len(ids))
	for i, token := range tokens {
		versions[i], _ = token.Int64() // taken away meanwhile: then no token is this one
	}
	return versions, nil
}

// takeToken makes a token where there is none.
func takeToken(ctx context.Context, pipe redis.Pipeliner, key string) {
	pipe.SetArgs(ctx, key, newToken(), redis.SetArgs{Mode: "NX", TTL: restoreWithin})
}

// Restore implements rebuilding.Copies.
func (s *Copies) Restore(ctx context.Context, copies []rebuilding.Copy) ([]bool, error) {
	calls, answers := make([]call, len(copies)), make([]int64, len(copies))
	for i, copied := range copies {
		calls[i] = s.c.restoring(copied.Knowledge.Viewer.ID(), copied.Version, copied.Knowledge, keepHeld)
		calls[i].answer = &answers[i]
	}
	if err := s.c.runAll(ctx, restoreScript, calls); err != nil {
		return nil, err
	}
	restored := make([]bool, len(copies))
	for i, answer := range answers {
		restored[i] = answer == 1
	}
	return restored, nil
}

// Reopen implements rebuilding.Copies. A viewer with as many live sessions as may be gets no more.
func (s *Copies) Reopen(ctx context.Context, sessions []rebuilding.Opening) (reopened int, err error) {
	answers, calls, now := make([]int64, len(sessions)), make([]call, len(sessions)), time.Now()
	for i := range sessions {
		calls[i] = s.reopening(&sessions[i], now)
		calls[i].answer = &answers[i]
	}
	for some := range slices.Chunk(calls, reopenBatch) {
		if err := s.c.runAll(ctx, reopenScript, some); err != nil {
			return 0, err
		}
	}
	for _, answer := range answers {
		reopened += int(answer)
	}
	return reopened, nil
}

// reopenBatch bounds one pipeline: sessions can be long.
const reopenBatch = 16

func (s *Copies) reopening(o *rebuilding.Opening, now time.Time) call {
	visit, session := o.Visit, feed.Rebuild(o.Visit, o.Pages, 0)
	k := s.c.keysOf(visit.Viewer)
	items := append([]byte("1 "), appendNumbers(nil, session.Served())...)
	args := []any{
		strconv.FormatInt(o.Version, 10), millis(visit.ExpiresAt.Sub(now)), string(visit.ID), visit.ExpiresAt.UnixMilli(), now.UnixMilli(), maxSessions, items,
		"v", appendVisit(nil, &visit), "l", session.Lost().AppendTo(nil), "n", session.Pages(), "b", len(items), "e", 1,
	}
	for i := range o.Pages[:session.Pages()] { // pages after one that is missing are not known
		p := &o.Pages[i]
		args = append(args, "p"+strconv.Itoa(p.Number), appendPage(nil, p))
	}
	return call{keys: []string{k.token, k.session(visit.ID), k.items(visit.ID), k.sessions}, args: args}
}

// CopyLife is how long a viewer's copy stays without use.
func (c *Client) CopyLife() time.Duration { return c.opts.Viewer }
