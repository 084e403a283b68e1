package redisstore

import (
	"context"
	"errors"
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
	look := takeLook()
	if err := look.read(ctx, s.c, viewer, session, page); err != nil {
		look.free()
		return feed.Opened{}, err
	}
	opened := feed.Opened{Free: look.free}
	opened.Knowledge, opened.Known = look.knowledge(viewer, &s.c.opts, time.Now())
	if session == "" {
		return opened, nil
	}
	var err error
	if opened.Session, err = look.held(viewer, session, page); err != nil {
		look.free()
		return feed.Opened{}, err
	}
	return opened, nil
}

var errUnreadable = errors.New("a session is held in a form that this version cannot read")

// Commit implements feed.SessionRepository.
func (s *Sessions) Commit(ctx context.Context, session *feed.RecommendationSession) error {
	w := takeWriting()
	defer w.free()
	if !w.fill(s.c, session, time.Now()) {
		return errNotOnePage
	}
	stored, err := s.c.commit(ctx, w)
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
	return readErr(cmds...)
}

func readErr[C redis.Cmder](cmds ...C) error {
	for _, cmd := range cmds {
		if err := cmd.Err(); err != nil && !errors.Is(err, redis.Nil) {
			return unavailable(err)
		}
	}
	return nil
}

// millis is a time to live, at least the shortest there is.
func millis(d time.Duration) int64 { return max(1, d.Milliseconds()) }
