package mysqlstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/rebuilding"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/audience/audiencetest"
	"github.com/freshet/freshet/domain/catalog"
)

var _ rebuilding.Records = (*mysqlstore.ViewerRecords)(nil)

// amongMany recollects a viewer among others.
type amongMany struct {
	mysqlstore.Recollection
	*mysqlstore.ViewerRecords
}

func (m amongMany) Recollect(ctx context.Context, id audience.ViewerID, at time.Time) (audience.Knowledge, error) {
	if !at.IsZero() {
		return m.Recollection.Recollect(ctx, id, at)
	}
	var ids []audience.ViewerID
	for i := range 70 { // more than one statement asks for
		ids = append(ids, audience.ViewerID(fmt.Sprint("nobody", i)))
	}
	ids[41] = id
	all, err := m.RecollectAll(ctx, ids)
	if err != nil {
		return audience.Knowledge{}, err
	}
	return all[41], nil
}

func TestRecollectionOfMany(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		audiencetest.Recollection(t, func(t *testing.T) audiencetest.Records {
			a, _ := open(t)
			r := records(t, a)
			r.Recollection = amongMany{*mysqlstore.NewRecollection(a), mysqlstore.NewViewerRecords(a)}
			return r
		})
	})
}

func TestManyAreRecollectedAsEachByItself(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		db, _ := open(t)
		r := records(t, db)
		noon := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
		items := make([]catalog.ItemID, 80)
		for i := range items {
			items[i] = catalog.ItemID(fmt.Sprint("i", i))
		}
		numbers := r.Publish(t, items...)
		var ids []audience.ViewerID
		for v := range 40 {
			id := audience.ViewerID(fmt.Sprint("v", v))
			ids = append(ids, id)
			var acts []audience.Action
			for i := range v * v { // the last ones have more than is read at first
				a := audience.Action{Item: items[i/20], Act: audience.Like, At: noon.Add(time.Duration(i) * time.Second)}
				if i%3 == 0 {
					a.Act, a.Session, a.Watched = audience.PlayProgress, fmt.Sprint(i/9), time.Duration(i)*time.Second
				}
				acts = append(acts, a)
			}
			if len(acts) > 0 {
				r.Happened(t, id, noon, acts...)
			}
			for page := range v { // the last ones were served more pages than are read at first
				r.Served(t, id, fmt.Sprint("s", v, ".", page/3), page%3+1, noon.Add(time.Duration(page/2)*time.Second), numbers[page%40], numbers[(page+7)%40])
			}
			require.NoError(t, r.Viewers.Update(t.Context(), id, func(w *audience.Viewer) error {
				if v%2 == 0 {
					return nil
				}
				return w.Follow(catalog.AuthorID(fmt.Sprint("a", v)), noon)
			}))
		}
		many := mysqlstore.NewViewerRecords(db)
		for range 2 { // the second time numbers of items are remembered
			all, err := many.RecollectAll(t.Context(), ids)
			require.NoError(t, err)
			for i, id := range ids {
				want, err := r.Recollect(t.Context(), id, time.Time{})
				require.NoError(t, err)
				require.Equal(t, want, all[i], "%s", id)
			}
		}
	})
}

func TestActiveListsInOrderThoseOfWhomSomethingWasRecordedSince(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		db, _ := open(t)
		r := records(t, db)
		since := time.Now().Truncate(time.Millisecond)
		like := audience.Action{Item: "i", Act: audience.Like, At: since.Add(-time.Hour)}
		r.Happened(t, "before", since.Add(-time.Millisecond), like)
		r.Happened(t, "came back", since.Add(-time.Hour), like)
		r.Happened(t, "came back", since, like)
		r.Happened(t, "event", since, like)
		r.Served(t, "page before", "s1", 1, since.Add(-time.Millisecond), 1)
		r.Served(t, "page", "s2", 1, since, 1)
		r.Served(t, "page", "s3", 1, since.Add(-time.Hour), 1)
		require.NoError(t, r.Viewers.Update(t.Context(), "decision", func(v *audience.Viewer) error { return v.Follow("a", since) }))

		many := mysqlstore.NewViewerRecords(db)
		list := func(since time.Time, limit int) (all []audience.ViewerID) {
			for after := audience.ViewerID(""); ; {
				some, last, err := many.Active(t.Context(), since, after, limit)
				require.NoError(t, err)
				all = append(all, some...)
				if last == "" {
					return all
				}
				require.Greater(t, last, after)
				after = last
			}
		}
		for _, limit := range []int{1, 2, 3, 100} {
			require.Equal(t, []audience.ViewerID{"came back", "decision", "event", "page"}, list(since, limit))
			require.Equal(t, []audience.ViewerID{"before", "came back", "decision", "event", "page", "page before"}, list(time.Time{}, limit))
			require.Empty(t, list(time.Now().Add(time.Hour), limit))
		}
	})
}

func TestSessionsAreToldWithTheirPagesInOrder(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		db, _ := open(t)
		r := records(t, db)
		noon := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
		for i := range 130 { // more than are told at a time
			for page := 3; page >= 1; page-- {
				r.Served(t, "v", fmt.Sprintf("s%03d", i), page, noon, catalog.Number(10*i+page))
			}
		}
		r.Served(t, "v", "older", 1, noon.Add(-time.Millisecond), 1)
		r.Served(t, "w", "of another", 1, noon, 1)
		found := map[string]int{}
		require.NoError(t, mysqlstore.NewViewerRecords(db).Sessions(t.Context(), []audience.ViewerID{"v", "x"}, noon, func(some []rebuilding.Session) error {
			for _, s := range some {
				require.EqualValues(t, "v", s.Visit.Viewer)
				require.Len(t, s.Pages, 3)
				for i, p := range s.Pages {
					require.Equal(t, i+1, p.Number)
				}
				found[string(s.Visit.ID)]++
			}
			return nil
		}))
		require.Len(t, found, 130)
	})
}
