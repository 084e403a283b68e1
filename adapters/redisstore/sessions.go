package redisstore

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/feed"
)

// maxSessions bounds how many live sessions one viewer has; past it the one that ends first is dropped.
const maxSessions = 1000

var errNotOnePage = fault.New(fault.Internal, "not_one_fresh_page", "a commit stores exactly one fresh page")

// Sessions is a feed.SessionRepository.
type Sessions struct{ c *Client }

// NewSessions keeps sessions in c.
func NewSessions(c *Client) *Sessions { return &Sessions{c} }

// Open implements feed.SessionRepository.
func (s *Sessions) Open(ctx context.Context, viewer audience.ViewerID, session feed.SessionID, page int) (feed.Opened, error) {
	k := s.c.keysOf(viewer)
	pipe := s.c.rdb.Pipeline() // not a transaction: a full Redis refuses those, even to read
	var held *heldSession
	if session != "" {
		held = readSession(ctx, pipe, k, session, page)
	}
	known := readKnowledge(ctx, pipe, k)
	if err := execReads(ctx, pipe); err != nil {
		return feed.Opened{}, err
	}

	var opened feed.Opened
	opened.Knowledge, opened.Known = known.decode(viewer, &s.c.opts, time.Now())
	if session == "" {
		return opened, nil
	}
	var err error
	opened.Session, err = held.decode(viewer, session, page)
	return opened, err
}

// heldSession is the answer to reading one session.
type heldSession struct {
	head  *redis.SliceCmd
	items *redis.StringCmd
}

func readSession(ctx context.Context, pipe redis.Pipeliner, k viewerKeys, id feed.SessionID, page int) *heldSession {
	return &heldSession{ // the head first: a commit in between may add items to it, and they are cut off
		head:  pipe.HMGet(ctx, k.session(id), "v", "l", "n", "b", "e", "p"+strconv.Itoa(page)),
		items: pipe.Get(ctx, k.items(id)),
	}
}

var errUnreadable = errors.New("a session is held in a form that this version cannot read")

// decode returns nil where no whole session of the viewer is held.
func (h *heldSession) decode(viewer audience.ViewerID, id feed.SessionID, page int) (*feed.RecommendationSession, error) {
	var parts [6]string
	for i, part := range h.head.Val() {
		text, ok := part.(string)
		if !ok && i < 5 {
			return nil, nil
		}
		parts[i] = text
	}
	pages, err1 := strconv.Atoi(parts[2])
	bytes, err2 := strconv.Atoi(parts[3])
	items := h.items.Val()
	if err1 != nil || err2 != nil {
		return nil, unavailable(errUnreadable)
	}
	if bytes > len(items) || !strings.HasPrefix(items, parts[4]+" ") {
		return nil, nil // eviction, or a commit that stored the session anew, tore the two apart
	}
	items = items[len(parts[4])+1 : bytes]
	visit, ok1 := decodeVisit(parts[0])
	lost, ok2 := feed.DecodeFilter([]byte(parts[1]))
	served, ok3 := decodeNumbers(items)
	if !ok1 || !ok2 || !ok3 {
		return nil, unavailable(errUnreadable)
	}
	if visit.ID != id || visit.Viewer != viewer {
		return nil, nil
	}

	var asked *feed.Page
	if parts[5] != "" && page <= pages {
		p, ok := decodePage(parts[5])
		if !ok {
			return nil, unavailable(errUnreadable)
		}
		asked = &p
	}
	return feed.Recall(visit, served, pages, lost, asked), nil
}

// Commit implements feed.SessionRepository.
func (s *Sessions) Commit(ctx context.Context, session *feed.RecommendationSession) error {
	fresh := session.Fresh()
	if len(fresh) != 1 {
		return errNotOnePage
	}
	page, visit, served := &fresh[0], session.Visit(), session.Served()
	if len(served) < len(page.Items) {
		return errNotOnePage
	}
	before, after := served[:len(served)-len(page.Items)], served[len(served)-len(page.Items):]

	k, o, now := s.c.keysOf(visit.Viewer), &s.c.opts, time.Now()
	buf := make([]byte, 0, 1024+96*len(page.Items)+4*len(served)+2*session.Lost().Len())
	cut := func(appended []byte) []byte { // the part that was appended since the last cut
		part := appended[len(buf):len(appended):len(appended)]
		buf = appended
		return part
	}
	visitBytes := cut(appendVisit(buf, &visit))
	pageBytes := cut(appendPage(buf, page))
	beforeBytes := cut(appendNumbers(buf, before))
	afterBytes := cut(appendNumbers(buf, after))
	lostBytes := cut(session.Lost().AppendTo(buf))
	groups := cut(appendServed(buf, after, page.ServedAt))

	keys := []string{k.session(visit.ID), k.items(visit.ID), k.served, k.exposures, k.will, k.past, k.sessions}
	stored, err := commitScript.Run(ctx, s.c.rdb, keys,
		page.Number, visitBytes, pageBytes, beforeBytes, afterBytes, lostBytes,
		millis(visit.ExpiresAt.Sub(now)), groups, len(after), secondsOf(now.Add(-o.Served)), audience.MaxServed, millis(o.Served),
		o.Exposures, millis(o.Viewer),
		string(visit.ID), visit.ExpiresAt.UnixMilli(), now.UnixMilli(), maxSessions, k.root, k.viewer,
	).Int()
	if err != nil {
		return unavailable(err)
	}
	if stored == 0 {
		return feed.ErrPageTaken
	}
	return nil
}

// execReads runs reads whose answers hold their own absence.
func execReads(ctx context.Context, pipe redis.Pipeliner) error {
	cmds, err := pipe.Exec(ctx)
	if err != nil && !errors.Is(err, redis.Nil) {
		return unavailable(err)
	}
	for _, cmd := range cmds {
		if err := cmd.Err(); err != nil && !errors.Is(err, redis.Nil) {
			return unavailable(err)
		}
	}
	return nil
}

// millis is a time to live, at least the shortest there is.
func millis(d time.Duration) int64 { return max(1, d.Milliseconds()) }
