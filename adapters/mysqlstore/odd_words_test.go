package mysqlstore_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

func TestAnEventIsReadAsItWasStoredWhateverItsTextsHold(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		db, _ := open(t)
		log, now := mysqlstore.NewEventLog(db), time.Now().UTC().Truncate(time.Millisecond)
		var events []engagement.Event
		for _, odd := range []string{"it's", `a\'b`, `"`, "日本語", "x'00'", "?", "%s", "); DROP TABLE events; --", "`", "é"} {
			events = append(events, engagement.Event{
				ID: engagement.EventID(odd), Viewer: audience.ViewerID(odd), Act: audience.PlayProgress, Item: catalog.ItemID(odd),
				Author: catalog.AuthorID(odd), At: now, Session: odd, Context: `plain \ 'ascii"`, Watched: time.Second, Duration: time.Minute, AutoPresented: true,
			})
		}
		fresh, err := log.Append(t.Context(), events, now)
		require.NoError(t, err)
		require.NotContains(t, fresh, false)
		read, err := log.Read(t.Context(), 0, 100)
		require.NoError(t, err)
		require.Len(t, read, len(events))
		for i, e := range read {
			require.Equal(t, engagement.Logged{Offset: engagement.Offset(i + 1), Received: now, Event: events[i]}, e)
		}
		known, err := log.Known(t.Context(), []engagement.EventID{"it's", "日本語", "its"})
		require.NoError(t, err)
		require.Equal(t, []bool{true, true, false}, known)
	})
}
