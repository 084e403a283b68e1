package redisstore

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/feed"
)

// part is some of the bytes to write. The driver asks it for them, so that it need not be put into an interface anew.
type part struct{ b []byte }

// MarshalBinary implements encoding.BinaryMarshaler.
func (p *part) MarshalBinary() ([]byte, error) { return p.b, nil }

// writing is one call of scripts/commit.lua, and the memory of all that it says.
type writing struct {
	command []any // its name, the script, how many keys there are, then what scripts/commit.lua calls by name
	buf     []byte

	keys                                      viewerKeys
	session, items, id                        string
	visit, body, before, fresh, lost, groups  part
	page, count, life, servedLife, viewerLife int64
	oldest, exposures, expires, now           int64
}

const commitKeys = 7

func newWriting() *writing {
	w := new(writing)
	w.command = []any{
		"evalsha", commitScript.Hash(), "7",
		&w.session, &w.items, &w.keys.served, &w.keys.exposures, &w.keys.will, &w.keys.past, &w.keys.sessions,
		&w.page, &w.visit, &w.body, &w.before, &w.fresh, &w.lost,
		&w.life, &w.groups, &w.count, &w.oldest, audience.MaxServed, &w.servedLife, &w.exposures, &w.viewerLife,
		&w.id, &w.expires, &w.now, maxSessions, &w.keys.root, &w.keys.viewer,
	}
	return w
}

// writings are those that nobody sends any more.
var writings sync.Pool

func takeWriting() *writing {
	if w, ok := writings.Get().(*writing); ok {
		return w
	}
	return newWriting()
}

func (w *writing) free() { writings.Put(w) }

// fill takes over the one fresh page of the session; it is false where there is not one.
func (w *writing) fill(c *Client, session *feed.RecommendationSession, now time.Time) bool {
	fresh := session.Fresh()
	if len(fresh) != 1 {
		return false
	}
	page, visit, served := &fresh[0], session.Visit(), session.Served()
	if len(served) < len(page.Items) {
		return false
	}
	before, after := served[:len(served)-len(page.Items)], served[len(served)-len(page.Items):]

	w.keys = c.keysOf(visit.Viewer)
	w.session, w.items, _ = w.keys.sessionParts(visit.ID, page.Number)
	b := appendVisit(w.buf[:0], &visit)
	from := [...]int{len(b), 0, 0, 0, 0, 0}
	b = appendPage(b, page)
	from[1] = len(b)
	b = appendNumbers(b, before)
	from[2] = len(b)
	b = appendNumbers(b, after)
	from[3] = len(b)
	b = session.Lost().AppendTo(b)
	from[4] = len(b)
	b = appendServed(b, after, page.ServedAt)
	from[5] = len(b)
	w.buf = b
	w.visit.b, w.body.b, w.before.b = b[:from[0]], b[from[0]:from[1]], b[from[1]:from[2]]
	w.fresh.b, w.lost.b, w.groups.b = b[from[2]:from[3]], b[from[3]:from[4]], b[from[4]:from[5]]

	o := &c.opts
	w.id, w.page, w.count = string(visit.ID), int64(page.Number), int64(len(after))
	w.life, w.servedLife, w.viewerLife = millis(visit.ExpiresAt.Sub(now)), millis(o.Served), millis(o.Viewer)
	w.oldest, w.exposures = secondsOf(now.Add(-o.Served)), o.Exposures
	w.expires, w.now = visit.ExpiresAt.UnixMilli(), now.UnixMilli()
	return true
}

// commit sends it. A server that does not know the script is sent that, too.
func (c *Client) commit(ctx context.Context, w *writing) (int64, error) {
	cmd := redis.NewIntCmd(ctx, w.command...)
	cmd.SetFirstKeyPos(3)
	_ = c.rdb.Process(ctx, cmd) // it holds its own error
	if err := cmd.Err(); err == nil || !redis.HasErrorPrefix(err, "NOSCRIPT") {
		return cmd.Val(), err
	}
	keys := make([]string, commitKeys)
	for i := range keys {
		keys[i] = *w.command[3+i].(*string)
	}
	return commitScript.Eval(ctx, c.rdb, keys, w.command[3+commitKeys:]...).Int64()
}
