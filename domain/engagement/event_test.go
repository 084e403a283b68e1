package engagement_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func TestEventsAreChecked(t *testing.T) {
	type event = engagement.Event
	long := strings.Repeat
	for _, c := range []struct {
		name   string
		change func(*event)
		want   error
		field  string
	}{
		{"a like is fine", func(*event) {}, nil, ""},

		{"no event id", func(e *event) { e.ID = "" }, engagement.ErrMissing, "event_id"},
		{"an event id of 128 bytes", func(e *event) { e.ID = engagement.EventID(long("e", 128)) }, nil, ""},
		{"an event id of 129", func(e *event) { e.ID = engagement.EventID(long("e", 129)) }, catalog.ErrID, "event_id"},
		{"an event id with a slash", func(e *event) { e.ID = "a/b" }, catalog.ErrID, "event_id"},

		{"no type", func(e *event) { e.Act = 0 }, audience.ErrAct, "type"},
		{"the last type", func(e *event) { e.Act = audience.Report }, nil, ""},
		{"a type past the last", func(e *event) { e.Act = audience.Report + 1 }, audience.ErrAct, "type"},

		{"no viewer", func(e *event) { e.Viewer = "" }, engagement.ErrMissing, "viewer"},
		{"a viewer of 128 bytes", func(e *event) { e.Viewer = audience.ViewerID(long("v", 128)) }, nil, ""},
		{"a viewer of 129", func(e *event) { e.Viewer = audience.ViewerID(long("v", 129)) }, catalog.ErrID, "viewer"},
		{"a viewer with a line break", func(e *event) { e.Viewer = "v\n" }, catalog.ErrID, "viewer"},

		{"no item", func(e *event) { e.Item = "" }, engagement.ErrMissing, "item"},
		{"an item of 129 bytes", func(e *event) { e.Item = catalog.ItemID(long("i", 129)) }, catalog.ErrID, "item"},
		{"an item that is not UTF-8", func(e *event) { e.Item = "\xff" }, catalog.ErrID, "item"},
		{"an author beside the item", func(e *event) { e.Author = "a" }, nil, ""},
		{"an author of 129 bytes", func(e *event) { e.Author = catalog.AuthorID(long("a", 129)) }, catalog.ErrID, "author"},

		{"no time", func(e *event) { e.At = time.Time{} }, engagement.ErrMissing, "at"},
		{"five minutes ahead", func(e *event) { e.At = noon.Add(5 * time.Minute) }, nil, ""},
		{"one tick more", func(e *event) { e.At = noon.Add(5*time.Minute + 1) }, engagement.ErrFuture, "at"},
		{"as 1990 begins", func(e *event) { e.At = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC) }, nil, ""},
		{"one tick before", func(e *event) { e.At = time.Date(1990, 1, 1, 0, 0, 0, -1, time.UTC) }, engagement.ErrAncient, "at"},

		{"a session", func(e *event) { e.Session = long("s", 128) }, nil, ""},
		{"a session of 129 bytes", func(e *event) { e.Session = long("s", 129) }, catalog.ErrID, "session"},
		{"a session with a zero byte", func(e *event) { e.Session = "s\x00" }, catalog.ErrID, "session"},

		{"a context of 512 bytes", func(e *event) { e.Context = long("c", 512) }, nil, ""},
		{"a context of 513", func(e *event) { e.Context = long("c", 513) }, engagement.ErrContext, "context"},
		{"a context from the first printable byte to the last", func(e *event) { e.Context = " /~" }, nil, ""},
		{"a context with the byte before the first", func(e *event) { e.Context = "\x1f" }, engagement.ErrContext, "context"},
		{"a context with the byte after the last", func(e *event) { e.Context = "\x7f" }, engagement.ErrContext, "context"},
		{"a context beyond ASCII", func(e *event) { e.Context = "é" }, engagement.ErrContext, "context"},

		{"watched for 48 hours", func(e *event) { e.Watched = 48 * time.Hour }, nil, ""},
		{"watched for one tick more", func(e *event) { e.Watched = 48*time.Hour + 1 }, engagement.ErrWatch, "watch_ms"},
		{"watched for less than nothing", func(e *event) { e.Watched = -1 }, engagement.ErrWatch, "watch_ms"},
		{"watched for longer than it is", func(e *event) { e.Watched, e.Duration = 2*time.Hour, time.Hour }, nil, ""},
		{"as long as 48 hours", func(e *event) { e.Duration = 48 * time.Hour }, nil, ""},
		{"longer by one tick", func(e *event) { e.Duration = 48*time.Hour + 1 }, engagement.ErrWatch, "duration_ms"},
		{"as long as less than nothing", func(e *event) { e.Duration = -1 }, engagement.ErrWatch, "duration_ms"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := engagement.Event{ID: "e", Viewer: "v", Act: audience.Like, Item: "i", At: noon}
			c.change(&e)
			err := e.Check(noon)
			require.ErrorIs(t, err, c.want)
			if c.want != nil {
				require.Equal(t, c.field, fault.Of(err).Field())
				require.True(t, fault.Is(err, fault.Invalid))
			}
		})
	}
}

func TestWhatEachTypeMustName(t *testing.T) {
	for _, act := range audience.Acts() {
		for _, c := range []struct {
			name   string
			item   catalog.ItemID
			author catalog.AuthorID
			fine   bool
		}{
			{"an item", "i", "", true},
			{"an item and an author", "i", "a", true},
			{"an author alone", "", "a", act.OnAuthor()},
			{"nothing", "", "", false},
		} {
			t.Run(act.String()+" of "+c.name, func(t *testing.T) {
				e := engagement.Event{ID: "e", Viewer: "v", Act: act, Item: c.item, Author: c.author, At: noon}
				err := e.Check(noon)
				if c.fine {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, engagement.ErrMissing)
				require.Equal(t, "item", fault.Of(err).Field())
			})
		}
	}
}
