package redisstore

import (
	"context"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/freshet/freshet/domain/audience"
)

// restoreWithin is how long the durable records may take to read; a Restore after it does nothing.
const restoreWithin = 10 * time.Minute

// Remembrance is an audience.Remembrance. Marks are kept to the second, the rest to the millisecond.
type Remembrance struct{ c *Client }

// NewRemembrance keeps knowledge in c.
func NewRemembrance(c *Client) *Remembrance { return &Remembrance{c} }

// Recall implements audience.Remembrance.
func (m *Remembrance) Recall(ctx context.Context, id audience.ViewerID) (audience.Knowledge, bool, error) {
	look := newLook() // whose memory goes with the knowledge
	if err := look.read(ctx, m.c, id, "", 0); err != nil {
		return audience.Knowledge{}, false, err
	}
	k, known := look.knowledge(id, &m.c.opts, time.Now())
	return k, known, nil
}

// Version implements audience.Remembrance: the token changes with every Note, Decide and Restore, and ends with Forget.
func (m *Remembrance) Version(ctx context.Context, id audience.ViewerID) (int64, error) {
	key := m.c.keysOf(id).token
	pipe := m.c.rdb.TxPipeline()
	takeToken(ctx, pipe, key)
	token := pipe.Get(ctx, key)
	if err := execReads(ctx, pipe); err != nil {
		return 0, err
	}
	version, err := token.Int64()
	return version, unavailable(err)
}

// Restore implements audience.Remembrance.
func (m *Remembrance) Restore(ctx context.Context, id audience.ViewerID, version int64, k audience.Knowledge) error {
	restoring := m.c.restoring(id, version, k, replaceHeld)
	return unavailable(restoreScript.Run(ctx, m.c.rdb, restoring.keys, restoring.args...).Err())
}

// What a restoring does with a copy that is held.
const (
	replaceHeld = 0
	keepHeld    = 1
)

// restoring is the call of scripts/restore.lua.
func (c *Client) restoring(id audience.ViewerID, version int64, k audience.Knowledge, held int) call {
	keys, o := c.keysOf(id), &c.opts
	served, newest := trimmedMarks(k.Memory.Served, audience.MaxServed), int64(0)
	if n := len(served); n > 0 {
		newest = secondsOf(served[n-1].At)
	}
	args := []any{
		strconv.FormatInt(version, 10), millis(o.Viewer), appendPast(nil, &k),
		appendServedMarks(nil, served), len(served), newest, millis(o.Served), held, newToken(),
	}
	return call{keys: []string{keys.will, keys.past, keys.served, keys.token}, args: append(args, encodeViewer(k.Viewer)...)}
}

// newToken is never one that was in use before. Counted up instead, one would come again after Redis lost the newest, and a copy or a
// Restore of before would seem to be of now.
func newToken() int64 { return 1 + rand.Int64N(math.MaxInt64) }

// Note implements audience.Remembrance; the notes of one viewer are one step.
func (m *Remembrance) Note(ctx context.Context, notes []audience.Note) error {
	n := takeNoting()
	defer n.free()
	return unavailable(n.send(ctx, m.c, n.gather(notes)))
}

// Decide implements audience.Remembrance.
func (m *Remembrance) Decide(ctx context.Context, id audience.ViewerID, changes []audience.Change) error {
	k := m.c.keysOf(id)
	args := []any{millis(m.c.opts.Viewer), newToken()}
	for i := range changes {
		if name, value, ok := changeField(&changes[i]); ok {
			args = append(args, name, value)
		}
	}
	return unavailable(decideScript.Run(ctx, m.c.rdb, k.copies(), args...).Err())
}

// Forget implements audience.Remembrance.
func (m *Remembrance) Forget(ctx context.Context, id audience.ViewerID) error {
	k := m.c.keysOf(id)
	return unavailable(m.c.rdb.Del(ctx, append(k.copies(), k.formerServed())...).Err())
}
