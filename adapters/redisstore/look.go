package redisstore

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
)

// room is memory to read into. What is read stays good until it is read into again.
type room struct {
	actions                []audience.Action
	served, seen, consumed []audience.Mark
	numbers                []catalog.Number
	letters                []byte
	ends, of               []int
}

// look is one round trip for what is held of a viewer and, maybe, of a session.
type look struct {
	room
	keys                      viewerKeys
	session, items, page      string // two keys, and the field of the page
	askHead, askWill, askRest []any
	askDecided                []any
	wills                     *wills
	have                      *will  // of the viewer, from a page before
	version                   string // of what it has
	head, will, rest          *redis.StringSliceCmd
	free                      func()
}

func newLook() *look {
	l := new(look)
	l.askHead = []any{"hmget", &l.session, "v", "l", "n", "b", "e", &l.page}
	l.askWill = []any{"hgetall", &l.keys.will}
	l.askDecided = []any{"evalsha", decidedScript.Hash(), "1", &l.keys.will, &l.version}
	l.askRest = []any{"mget", &l.keys.past, &l.keys.served, &l.keys.token, &l.items}
	l.free = func() {
		l.have = nil
		looks.Put(l)
	}
	return l
}

// looks are those that nobody reads from any more.
var looks sync.Pool

func takeLook() *look {
	if l, ok := looks.Get().(*look); ok {
		return l
	}
	return newLook()
}

// read asks for the session, too, unless it is empty, with the page of that number. What is not there is empty.
func (l *look) read(ctx context.Context, c *Client, viewer audience.ViewerID, session feed.SessionID, page int) error {
	l.keys, l.wills, l.have = c.keysOf(viewer), c.wills, c.wills.find(viewer)
	if l.have == nil {
		l.will = redis.NewStringSliceCmd(ctx, l.askWill...)
	} else {
		l.version = l.have.version
		l.will = redis.NewStringSliceCmd(ctx, l.askDecided...)
		l.will.SetFirstKeyPos(3)
	}
	pipe := c.rdb.Pipeline() // not a transaction: a full Redis refuses those, even to read
	if session == "" {
		l.rest = redis.NewStringSliceCmd(ctx, l.askRest[:4]...)
		_ = pipe.BatchProcess(ctx, l.will, l.rest) // which only queues them
	} else {
		l.session, l.items, l.page = l.keys.sessionParts(session, page)
		l.head, l.rest = redis.NewStringSliceCmd(ctx, l.askHead...), redis.NewStringSliceCmd(ctx, l.askRest...)
		// The head before the items: a commit in between may add some, and they are cut off. The will before the token.
		_ = pipe.BatchProcess(ctx, l.head, l.will, l.rest)
	}
	if l.have == nil {
		return execReads(ctx, pipe)
	}
	_, _ = pipe.Exec(ctx) // each answer holds its own error
	if redis.HasErrorPrefix(l.will.Err(), "NOSCRIPT") {
		l.will = redis.NewStringSliceCmd(ctx, append([]any{"eval", decidedSource}, l.askDecided[2:]...)...)
		l.will.SetFirstKeyPos(3)
		_ = c.rdb.Process(ctx, l.will)
	}
	if session == "" {
		return readErr(l.will, l.rest)
	}
	return readErr(l.head, l.will, l.rest)
}

// knowledge finds nothing held where the token is not the one that the copy was written under, and where the copy cannot be read.
func (l *look) knowledge(id audience.ViewerID, o *Options, now time.Time) (audience.Knowledge, bool) {
	will, rest := l.will.Val(), l.rest.Val()
	if len(rest) < 3 {
		return audience.Knowledge{Viewer: audience.NewViewer(id, nil, nil)}, false
	}
	past, served, token := rest[0], rest[1], rest[2]
	if under := valueOf(will, heldField); under == "" || under != token {
		if l.have != nil {
			l.wills.forget(id)
		}
		return audience.Knowledge{Viewer: audience.NewViewer(id, nil, nil)}, false
	}
	k := audience.Knowledge{Viewer: l.wills.decided(id, will, l.have)}
	marks, whole := l.decodeServed(served, secondsOf(now.Add(-o.Served)))
	k.Memory.Served = marks
	if !l.decodePast(past, &k, o, now) || !whole {
		return audience.Knowledge{Viewer: audience.NewViewer(id, nil, nil)}, false
	}
	return k, true
}

// valueOf looks among pairs of name and value.
func valueOf(pairs []string, name string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == name {
			return pairs[i+1]
		}
	}
	return ""
}

// held returns nil where no whole session of the viewer is held.
func (l *look) held(viewer audience.ViewerID, id feed.SessionID, page int) (*feed.RecommendationSession, error) {
	head, rest := l.head.Val(), l.rest.Val()
	if len(head) < 6 || len(rest) < 4 {
		return nil, nil
	}
	items, epoch := rest[3], head[4]
	for _, part := range head[:5] {
		if part == "" {
			return nil, nil
		}
	}
	pages, err1 := strconv.Atoi(head[2])
	bytes, err2 := strconv.Atoi(head[3])
	if err1 != nil || err2 != nil {
		return nil, unavailable(errUnreadable)
	}
	if bytes > len(items) || bytes <= len(epoch) || items[:len(epoch)] != epoch || items[len(epoch)] != ' ' {
		return nil, nil // eviction, or a commit that stored the session anew, tore the two apart
	}
	visit, ok1 := decodeVisit(head[0])
	lost, ok2 := feed.DecodeFilter(head[1])
	served, ok3 := decodeNumbers(l.numbers[:0], items[len(epoch)+1:bytes])
	l.numbers = served
	if !ok1 || !ok2 || !ok3 {
		return nil, unavailable(errUnreadable)
	}
	if visit.ID != id || visit.Viewer != viewer {
		return nil, nil
	}

	var asked *feed.Page
	if head[5] != "" && page <= pages {
		p, ok := decodePage(head[5])
		if !ok {
			return nil, unavailable(errUnreadable)
		}
		asked = &p
	}
	return feed.Recall(visit, served, pages, lost, asked), nil
}
