package http

import (
	"crypto/rand"
	"strings"

	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/feed"
)

// Who names no viewer gets one of their own for each session, so that strangers do not tire of each
// other's items. Nobody but the cursor remembers it: "<viewer>.<cursor>". The cursor is signed for its
// viewer, so another name before it is refused like any foreign cursor.

const anonymousPrefix = "anonymous-"

func newAnonymous() audience.ViewerID { return audience.ViewerID(anonymousPrefix + rand.Text()) }

// sealAnonymous is the cursor to hand out; empty at the session's end.
func sealAnonymous(a serving.Answer) string {
	if a.Cursor == "" {
		return ""
	}
	return string(a.Visit.Viewer) + "." + a.Cursor
}

// openAnonymous takes such a cursor apart. Anything else: feed.ErrCursor.
func openAnonymous(text string) (audience.ViewerID, string, error) {
	viewer, cursor, ok := strings.Cut(text, ".")
	if !ok || !strings.HasPrefix(viewer, anonymousPrefix) {
		return "", "", feed.ErrCursor.On("cursor")
	}
	v, err := audience.ParseViewerID(viewer)
	if err != nil {
		return "", "", feed.ErrCursor.On("cursor")
	}
	return v, cursor, nil
}
