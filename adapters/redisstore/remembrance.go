package redisstore

import (
	"context"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet/freshet/domain/audience"
)

// restoreWithin is how long the durable records may take to read; a Restore after it does nothing.
const restoreWithin = 10 * time.Minute

// Remembrance is an audience.Remembrance. Marks are kept to the second, the rest to the millisecond.
type Remembrance struct{ c *Client }

// NewRemembrance keeps knowledge in c.
func NewRemembrance(c *Client) *Remembrance { return &Remembrance{c} }

// heldKnowledge is the answer to reading what is known of one viewer.
type heldKnowledge struct {
	will, acts             *redis.MapStringStringCmd
	served, seen, consumed *redis.StringCmd
}

func readKnowledge(ctx context.Context, pipe redis.Pipeliner, k viewerKeys) *heldKnowledge {
	return &heldKnowledge{
		will: pipe.HGetAll(ctx, k.will), acts: pipe.HGetAll(ctx, k.acts),
		served: pipe.Get(ctx, k.served), seen: pipe.Get(ctx, k.seen), consumed: pipe.Get(ctx, k.consumed),
	}
}

func (h *heldKnowledge) decode(id audience.ViewerID, o Options, now time.Time) (audience.Knowledge, bool) {
	will := h.will.Val()
	if _, loaded := will[loadedField]; !loaded {
		return audience.Knowledge{Viewer: audience.NewViewer(id, nil, nil)}, false
	}
	return audience.Knowledge{
		Viewer:  decodeViewer(id, will),
		Actions: decodeActions(h.acts.Val()),
		Memory: audience.Memory{
			Served:   decodeMarks(h.served.Val(), audience.MaxServed, o.Served, now),
			Seen:     decodeMarks(h.seen.Val(), audience.MaxSeen, o.Seen, now),
			Consumed: decodeMarks(h.consumed.Val(), audience.MaxConsumed, o.Consumed, now),
		},
	}, true
}

// Recall implements audience.Remembrance.
func (m *Remembrance) Recall(ctx context.Context, id audience.ViewerID) (audience.Knowledge, bool, error) {
	pipe := m.c.rdb.Pipeline()
	held := readKnowledge(ctx, pipe, m.c.keysOf(id))
	if err := execReads(ctx, pipe); err != nil {
		return audience.Knowledge{}, false, err
	}
	k, known := held.decode(id, m.c.opts, time.Now())
	return k, known, nil
}

// Version implements audience.Remembrance: the token stands until a Note, Decide, Forget or Restore
// ends it. It is random, so that none taken before Redis lost its data stands after.
func (m *Remembrance) Version(ctx context.Context, id audience.ViewerID) (int64, error) {
	key := m.c.keysOf(id).token
	pipe := m.c.rdb.TxPipeline()
	pipe.SetArgs(ctx, key, rand.Int64(), redis.SetArgs{Mode: "NX", TTL: restoreWithin})
	token := pipe.Get(ctx, key)
	if err := execReads(ctx, pipe); err != nil {
		return 0, err
	}
	version, err := token.Int64()
	return version, unavailable(err)
}

// Restore implements audience.Remembrance.
func (m *Remembrance) Restore(ctx context.Context, id audience.ViewerID, version int64, k audience.Knowledge) error {
	keys, o := m.c.keysOf(id), &m.c.opts
	will, acts := encodeViewer(k.Viewer), encodeActions(k.Actions)
	args := []any{
		strconv.FormatInt(version, 10), millis(o.Viewer),
		recordsOf(k.Memory.Served, audience.MaxServed), millis(o.Served),
		recordsOf(k.Memory.Seen, audience.MaxSeen), millis(o.Seen),
		recordsOf(k.Memory.Consumed, audience.MaxConsumed), millis(o.Consumed),
		len(will),
	}
	args = append(append(args, will...), acts...)
	return unavailable(restoreScript.Run(ctx, m.c.rdb,
		[]string{keys.will, keys.acts, keys.served, keys.seen, keys.consumed, keys.token}, args...).Err())
}

// Note implements audience.Remembrance; the notes of one viewer are one step.
func (m *Remembrance) Note(ctx context.Context, notes []audience.Note) error {
	byViewer := make(map[audience.ViewerID]*noted, len(notes))
	order := make([]audience.ViewerID, 0, len(notes))
	for i := range notes {
		n := &notes[i]
		of := byViewer[n.Viewer]
		if of == nil {
			of = new(noted)
			byViewer[n.Viewer], order = of, append(order, n.Viewer)
		}
		of.seen = appendMarks(of.seen, n.Seen)
		of.consumed = appendMarks(of.consumed, n.Consumed)
		if n.Action != nil {
			name, value := encodeAction(n.Action)
			of.actions = append(of.actions, name, value)
		}
	}

	o := &m.c.opts
	calls := make([]call, 0, len(order))
	for _, viewer := range order {
		k, of := m.c.keysOf(viewer), byViewer[viewer]
		calls = append(calls, call{
			keys: []string{k.will, k.acts, k.seen, k.consumed, k.token},
			args: append([]any{
				millis(o.Viewer), millis(o.Seen), millis(o.Consumed),
				audience.MaxActions, audience.MaxSeen, audience.MaxConsumed, of.seen, of.consumed,
			}, of.actions...),
		})
	}
	return m.c.runAll(ctx, noteScript, calls)
}

// noted gathers the notes of one viewer.
type noted struct {
	seen, consumed []byte
	actions        []any
}

// Decide implements audience.Remembrance.
func (m *Remembrance) Decide(ctx context.Context, id audience.ViewerID, changes []audience.Change) error {
	k := m.c.keysOf(id)
	args := []any{millis(m.c.opts.Viewer)}
	for i := range changes {
		if name, value, ok := changeField(&changes[i]); ok {
			args = append(args, name, value)
		}
	}
	return unavailable(decideScript.Run(ctx, m.c.rdb, []string{k.will, k.acts, k.token}, args...).Err())
}

// Forget implements audience.Remembrance.
func (m *Remembrance) Forget(ctx context.Context, id audience.ViewerID) error {
	k := m.c.keysOf(id)
	return unavailable(m.c.rdb.Del(ctx, k.will, k.acts, k.served, k.seen, k.consumed, k.token).Err())
}
