package http

import (
	"context"
	"strconv"
	"time"

	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

// douyinSize is how many videos the public contract allows in one answer.
const douyinSize = 30

// errLatest refuses a latest_time that is no moment.
var errLatest = fault.New(fault.Invalid, "bad_latest_time", "latest_time is a Unix time in seconds or milliseconds")

// moment is a point in time as the contract's clients count it.
type moment struct {
	at      int64
	seconds bool
}

// fromMillis is the least number that is read as milliseconds.
const fromMillis = 1e11

// parseMoment reads latest_time; absent, empty and 0 mean now, in milliseconds.
func parseMoment(s string, now time.Time) (m moment, fresh bool, err error) {
	if s == "" {
		return moment{at: now.UnixMilli()}, true, nil
	}
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil {
		return moment{}, false, errLatest.On("latest_time")
	}
	if n == 0 {
		return moment{at: now.UnixMilli()}, true, nil
	}
	return moment{int64(n), n < fromMillis}, false, nil
}

// douyin answers the short-video contract. Business errors keep HTTP 200.
func (p *public) douyin(ctx context.Context, c *call) error {
	now := p.deps.Clock()
	latest, fresh, err := parseMoment(c.query("latest_time"), now)
	if err != nil {
		c.answerDouyin(err, 0, nil)
		return nil
	}
	var page serving.Answer
	who, err := p.watcher(ctx, c.query("token"))
	if err == nil {
		page, err = p.douyinPage(ctx, who, latest, fresh)
	}
	if err != nil {
		if e := fault.Of(err); e.Kind() == fault.Internal {
			p.opts.Log.Error("request failed", "request_id", c.id, "route", c.route, "error", err.Error())
		}
		c.answerDouyin(err, 0, nil)
		return nil
	}
	next := p.mark(ctx, who, latest.before(now), page)
	c.answerDouyin(nil, next, p.videos(ctx, who, &page))
	return nil
}

// douyinPage serves the page that the moment stands for; a moment nobody marked begins a session.
func (p *public) douyinPage(ctx context.Context, who watcher, latest moment, fresh bool) (serving.Answer, error) {
	q := serving.Request{Feed: p.opts.DouyinFeed, Size: douyinSize}
	if !fresh {
		if viewer, cursor, ok := p.found(ctx, who, latest.at); ok {
			q.Viewer, q.Cursor = viewer, cursor
			a, err := p.serve(ctx, q)
			if err == nil || !staleCursor(err) {
				return a, err
			}
			q.Cursor = ""
		}
	}
	q.Viewer = who.viewer()
	return p.serve(ctx, q)
}

// staleCursor reports that a bookmark led to a session that has ended or is not this watcher's.
func staleCursor(err error) bool {
	return fault.Of(err).Field() == "cursor" || fault.Is(err, fault.Gone)
}

// videos says how the watcher stands to what is shown, as far as that is known.
func (p *public) videos(ctx context.Context, who watcher, a *serving.Answer) []video {
	list := make([]video, len(a.Items))
	ids := make([]catalog.ItemID, len(a.Items))
	for i := range a.Items {
		ids[i] = a.Items[i].Item
		list[i] = videoOf(&a.Items[i])
	}
	p.countFollowers(list)
	if who.anonymous() || len(list) == 0 {
		return list
	}
	if p.deps.Reactions != nil {
		if liked, err := p.deps.Reactions.Favorited(ctx, who.known, ids); err == nil {
			for i := range list {
				list[i].isFavorite = liked[ids[i]]
			}
		}
	}
	if ties, err := p.deps.Decisions.Relations(ctx, who.known, audience.Follows); err == nil {
		follows := make(map[catalog.AuthorID]bool, len(ties))
		for _, t := range ties {
			follows[t.Author] = true
		}
		for i := range list {
			list[i].isFollow = list[i].author != "" && follows[list[i].author]
		}
	}
	return list
}

func (p *public) countFollowers(list []video) {
	authors, followers := make([]catalog.AuthorID, len(list)), make([]int64, len(list))
	for i := range list {
		authors[i] = list[i].author
	}
	p.deps.Counts.FollowersOf(authors, followers)
	for i := range list {
		list[i].followers = followers[i]
	}
}

func (c *call) answerDouyin(err error, next int64, list []video) {
	c.answer(200, func(w *jsonText) {
		w.open('{')
		writeStatus(w, err)
		w.number("next_time", next)
		w.openIn("video_list", '[')
		for i := range list {
			writeVideo(w, &list[i])
		}
		w.close(']')
		w.close('}')
	})
}

func writeStatus(w *jsonText, err error) {
	if err == nil {
		w.number("status_code", 0)
		w.text("status_msg", "success")
		return
	}
	e := fault.Of(err)
	message := e.Message()
	if e.Kind() == fault.Internal {
		message = "something went wrong on our side"
	}
	w.number("status_code", int64(statusOf(e)))
	w.text("status_msg", message)
}
