package redisstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/rebuilding"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
)

var _ rebuilding.Copies = (*redisstore.Copies)(nil)

func TestManyCopiesAreRestoredAndOthersLeftAsTheyAre(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		r, copies := redisstore.NewRemembrance(c), redisstore.NewCopies(c)
		at := time.Now().UTC().Truncate(time.Second)
		liked := func(item string) []audience.Action {
			return []audience.Action{{Item: catalog.ItemID("i" + item), Act: audience.Like, At: at}}
		}
		ids := make([]audience.ViewerID, 300) // more than one pipeline
		for i := range ids {
			ids[i] = audience.ViewerID(fmt.Sprint("v", i))
		}
		fill(t, r, "v7", liked("held")...)
		held, err := copies.Held(t.Context(), ids)
		require.NoError(t, err)
		for i := range ids {
			require.Equal(t, i == 7, held[i], "%d", i)
		}

		versions, err := copies.Versions(t.Context(), ids)
		require.NoError(t, err)
		require.NoError(t, r.Note(t.Context(), []audience.Note{{Viewer: "v8", Action: &liked("noted")[0]}}))
		require.NoError(t, r.Forget(t.Context(), "v9"))
		batch := make([]rebuilding.Copy, len(ids))
		for i, id := range ids {
			batch[i] = rebuilding.Copy{Version: versions[i], Knowledge: audience.Knowledge{Viewer: audience.NewViewer(id, nil, nil), Actions: liked(string(id))}}
		}
		restored, err := copies.Restore(t.Context(), batch)
		require.NoError(t, err)
		for i, id := range ids {
			refused := i == 7 || i == 8 || i == 9
			require.Equal(t, !refused, restored[i], "%s", id)
			k, known, err := r.Recall(t.Context(), id)
			require.NoError(t, err)
			switch i {
			case 7:
				require.Equal(t, liked("held"), k.Actions)
			case 8, 9:
				require.False(t, known)
			default:
				require.Equal(t, liked(string(id)), k.Actions)
			}
		}
	})
}

func TestACopyThatEvictionToreApartIsNotTakenForHeld(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		r, copies := redisstore.NewRemembrance(c), redisstore.NewCopies(c)
		for _, kind := range []string{"will.2", "past.2", "token"} {
			v := audience.ViewerID("of " + kind)
			fill(t, r, v)
			held, err := copies.Held(t.Context(), []audience.ViewerID{v})
			require.NoError(t, err)
			require.Equal(t, []bool{true}, held)
			require.NoError(t, c.Do(t.Context(), "DEL", c.FormerKey(kind, v)).Err())
			held, err = copies.Held(t.Context(), []audience.ViewerID{v})
			require.NoError(t, err)
			require.Equal(t, []bool{false}, held, kind)
		}
	})
}

func TestASessionIsReopenedOnceAndNeverOverOneThatIsHeld(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		sessions, copies := redisstore.NewSessions(c), redisstore.NewCopies(c)
		now := time.Now().UTC().Truncate(time.Millisecond)
		of := func(id string) rebuilding.Session {
			s := feed.Begin(feed.Visit{ID: feed.SessionID(id), Viewer: "v", Feed: "f", Seed: 3, StartedAt: now, ExpiresAt: now.Add(time.Hour)})
			for n := 1; n <= 3; n++ {
				_, err := s.Serve(n, feed.Page{Want: 1, Items: []feed.Placement{{Item: "i", Number: catalog.Number(100 * n)}}}, now)
				require.NoError(t, err)
			}
			return rebuilding.Session{Visit: s.Visit(), Pages: s.Fresh()}
		}
		versions, err := copies.Versions(t.Context(), []audience.ViewerID{"v"})
		require.NoError(t, err)
		a, b := rebuilding.Opening{Version: versions[0], Session: of("a")}, rebuilding.Opening{Version: versions[0], Session: of("b")}
		stale := rebuilding.Opening{Version: versions[0] + 1, Session: of("c")}
		for _, want := range []int{2, 0} {
			n, err := copies.Reopen(t.Context(), []rebuilding.Opening{a, b, stale})
			require.NoError(t, err)
			require.Equal(t, want, n)
		}
		for page := 1; page <= 3; page++ {
			o, err := sessions.Open(t.Context(), "v", "a", page)
			require.NoError(t, err)
			require.Equal(t, 3, o.Session.Pages())
			p, ok := o.Session.Asked(page)
			require.True(t, ok)
			require.Equal(t, page, p.Number)
		}
		o, err := sessions.Open(t.Context(), "v", "c", 1)
		require.NoError(t, err)
		require.Nil(t, o.Session)

		gone, err := redisstore.NewEraser(c).Erase(t.Context(), "v")
		require.NoError(t, err)
		for _, r := range gone {
			if r.What == "sessions" {
				require.EqualValues(t, 2, r.Count, "an erasure finds them")
			}
		}
		n, err := copies.Reopen(t.Context(), []rebuilding.Opening{a})
		require.NoError(t, err)
		require.Zero(t, n, "the erasure took the token")
	})
}
