package http

import (
	"context"
	"strings"
	"time"

	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/audience"
)

// watcher is who asks by the short-video contract: the viewer its token names, or a stranger.
type watcher struct{ known audience.ViewerID }

// strangers own the bookmarks of all who have no token.
const strangers = "anonymous"

// watcherOf reads a token. In the open mode the token is the viewer's id; what cannot be one is a
// stranger's, like no token.
func watcherOf(token string) watcher {
	v, err := audience.ParseViewerID(token)
	if err != nil {
		return watcher{}
	}
	return watcher{v}
}

func (w watcher) anonymous() bool { return w.known == "" }

func (w watcher) owner() string {
	if w.anonymous() {
		return strangers
	}
	return string(w.known)
}

// viewer is whom a new session is for.
func (w watcher) viewer() audience.ViewerID {
	if w.anonymous() {
		return newAnonymous()
	}
	return w.known
}

// ended is kept in the place of a cursor where a session has none: what follows is a new session.
const ended = "-"

// found looks up the cursor marked at a moment. When there is none, or it cannot be known, ok is false.
func (p *public) found(ctx context.Context, w watcher, at int64) (viewer audience.ViewerID, cursor string, ok bool) {
	kept, err := p.deps.Bookmarks.Find(ctx, w.owner(), at)
	if err != nil || kept == ended {
		return "", "", false
	}
	if !w.anonymous() {
		return w.known, kept, !strings.Contains(kept, ".") // with a dot it is a stranger's who shares the owner's name
	}
	viewer, cursor, err = openAnonymous(kept)
	return viewer, cursor, err == nil
}

// before is the latest moment that a page asked for at m can be followed by: earlier than m, unless m
// lies so far back that there is no earlier one.
func (m moment) before(now time.Time) moment {
	is, least := now.UnixMilli(), int64(fromMillis)
	if m.seconds {
		is, least = now.Unix(), 0
	}
	m.at = min(m.at, is)
	if m.at < least+maxTries {
		m.at = is
	}
	m.at--
	return m
}

// maxTries bounds the steps back that are taken to find a free moment.
const maxTries = 1 << 20

// mark keeps the page's cursor under a moment at or before m and returns that moment. Where another
// session has a moment already it goes further back, by ever longer steps that are the same each
// time, so that the same page is always followed by the same moment. When the bookmarks cannot be
// written the client goes on in a new session.
func (p *public) mark(ctx context.Context, w watcher, m moment, a serving.Answer) int64 {
	cursor := a.Cursor
	switch {
	case cursor == "":
		cursor = ended
	case w.anonymous():
		cursor = sealAnonymous(a)
	}
	for step, at := int64(1), m.at; step < maxTries; step, at = step*2, at-step {
		kept, err := p.deps.Bookmarks.Mark(ctx, w.owner(), at, cursor, a.Visit.ExpiresAt)
		if err != nil || kept {
			return at
		}
	}
	return m.at
}
