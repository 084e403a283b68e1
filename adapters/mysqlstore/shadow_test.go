package mysqlstore_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/pruning"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/audience/audiencetest"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/engagement/engagementtest"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/feed/feedtest"
)

// inShadow gives each test handles for shadow traffic, and checks in the end that the tables of others hold what they held.
func inShadow(t *testing.T, test func(t *testing.T, open opener)) {
	onEach(t, func(t *testing.T, open opener) {
		test(t, func(t *testing.T) (a, b *mysqlstore.DB) {
			one, other := open(t)
			before := rowsOf(t, one, others)
			t.Cleanup(func() { require.Equal(t, before, rowsOf(t, one, others)) })
			return shadowOf(t, one), shadowOf(t, other)
		})
	})
}

func shadowOf(t *testing.T, db *mysqlstore.DB) *mysqlstore.DB {
	t.Helper()
	shadow, err := db.Shadow()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, shadow.Close()) })
	return shadow
}

func own(table string) bool { return strings.HasPrefix(table, "shadow_") }
func others(table string) bool {
	return !own(table) && !strings.Contains(table, "goose") && !strings.HasPrefix(table, "sqlite_")
}

// rowsOf is every row of the tables, as text.
func rowsOf(t *testing.T, db *mysqlstore.DB, of func(table string) bool) map[string][]string {
	t.Helper()
	all := make(map[string][]string)
	for _, table := range mysqlstore.TablesOf(t, db) {
		if of(table) {
			all[table] = mysqlstore.RowsOf(t, db, table)
		}
	}
	return all
}

func TestEventLogOfShadowTraffic(t *testing.T) {
	inShadow(t, func(t *testing.T, open opener) {
		engagementtest.Log(t, func(t *testing.T) engagement.EventLog {
			a, b := open(t)
			return &alternatingLog{inTurn[engagement.EventLog]{of: []engagement.EventLog{mysqlstore.NewEventLog(a), mysqlstore.NewEventLog(b)}}}
		})
	})
}

func TestViewersOfShadowTraffic(t *testing.T) {
	inShadow(t, func(t *testing.T, open opener) {
		audiencetest.Viewers(t, func(t *testing.T) audience.ViewerRepository {
			a, b := open(t)
			return &alternatingViewers{inTurn[audience.ViewerRepository]{of: []audience.ViewerRepository{mysqlstore.NewViewers(a), mysqlstore.NewViewers(b)}}}
		})
	})
}

func TestArchiveOfShadowTraffic(t *testing.T) {
	inShadow(t, func(t *testing.T, open opener) {
		feedtest.Archive(t, func(t *testing.T) feed.PageArchive {
			a, _ := open(t)
			return mysqlstore.NewArchive(a)
		})
	})
}

// The items of the recollection are everybody's, so they come from the other handle.
func TestRecollectionOfShadowTraffic(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		audiencetest.Recollection(t, func(t *testing.T) audiencetest.Records {
			a, _ := open(t)
			of := records(t, shadowOf(t, a))
			of.Publish = records(t, a).Publish
			return of
		})
	})
}

func TestShadowTrafficWritesToNoTableOfOthers(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		a, _ := open(t)
		shadow := shadowOf(t, a)
		_, err := mysqlstore.NewItems(shadow, numbersOf(t, a)).Update(t.Context(), []catalog.ItemID{"x"},
			func(item *catalog.FeedItem, number func() (catalog.Number, error)) error {
				return item.Publish(1, catalog.Details{}, time.Now())
			})
		require.ErrorContains(t, err, "shadow traffic has no table")
		_, _, err = mysqlstore.NewTally(shadow).Changed(t.Context(), "", 10)
		require.ErrorContains(t, err, "shadow traffic has no table item_counts", "nor does it read there")
	})
}

func TestEveryTableOfShadowTrafficIsMadeLikeTheOneItStandsFor(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		a, _ := open(t)
		tables := mysqlstore.TablesOf(t, a)
		require.NotEmpty(t, slices.DeleteFunc(slices.Clone(tables), func(s string) bool { return !own(s) }))
		for _, table := range tables {
			if own(table) {
				real := strings.TrimPrefix(table, "shadow_")
				require.Contains(t, tables, real)
				made := strings.NewReplacer("shadow_", "", `"`, "", "`", "").Replace
				require.Equal(t, slices.Collect(mapped(mysqlstore.MadeOf(t, a, real), made)), slices.Collect(mapped(mysqlstore.MadeOf(t, a, table), made)), table)
			}
		}
	})
}

func mapped(all []string, to func(string) string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, s := range all {
			if !yield(to(s)) {
				return
			}
		}
	}
}

// lived is a shadow viewer with something in every table.
func lived(t *testing.T, shadow *mysqlstore.DB, viewer audience.ViewerID, at time.Time) {
	t.Helper()
	ctx := t.Context()
	require.NoError(t, mysqlstore.NewViewers(shadow).Update(ctx, viewer, func(v *audience.Viewer) error {
		if err := v.Follow("author", at); err != nil {
			return err
		}
		return v.Steer(audience.Target{Kind: audience.OnTag, ID: "tag"}, audience.More, at)
	}))
	log := mysqlstore.NewEventLog(shadow)
	for i, act := range []audience.Act{audience.PlayStart, audience.PlayProgress, audience.Like, audience.Comment} {
		_, err := log.Append(ctx, []engagement.Event{{
			ID: engagement.EventID(fmt.Sprintf("%s-%d", viewer, i)), Viewer: viewer, Act: act, Item: "item", At: at, Session: "s",
		}}, at)
		require.NoError(t, err)
	}
	visit := feed.Visit{ID: feed.SessionID("session-" + string(viewer)), Viewer: viewer, StartedAt: at, ExpiresAt: at}
	page := feed.Page{Number: 1, ServedAt: at, Items: []feed.Placement{{Item: "item", Number: 1}}}
	require.NoError(t, mysqlstore.NewArchive(shadow).Keep(ctx, []feed.Exposure{{Visit: visit, Page: page}}))
	require.NoError(t, mysqlstore.NewRepairs(shadow).Mark(ctx, []audience.ViewerID{viewer}))
}

func TestErasingAViewerOfShadowTrafficLeavesTheOthers(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		a, _ := open(t)
		shadow := shadowOf(t, a)
		lived(t, a, "v", time.Now())
		lived(t, shadow, "v", time.Now())
		before := rowsOf(t, a, others)

		receipt, err := mysqlstore.NewDossier(shadow).Erase(t.Context(), "v")
		require.NoError(t, err)
		gone := make(map[string]int64)
		for _, r := range receipt {
			gone[r.What] = r.Count
		}
		maps.DeleteFunc(gone, func(_ string, n int64) bool { return n == 0 })
		require.Equal(t, map[string]int64{"events": 4, "plays": 1, "ties": 1, "decisions": 1, "viewers": 1, "pages": 1, "sessions": 1, "repairs": 1}, gone)
		require.Equal(t, before, rowsOf(t, a, others))
		for table, rows := range rowsOf(t, a, own) {
			if table != "shadow_log_heads" && table != "shadow_follow_changes" { // authors, and nobody's
				require.Empty(t, rows, table)
			}
		}
	})
}

func TestShadowTrafficIsPrunedToTheMomentAndCleared(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		a, _ := open(t)
		shadow := shadowOf(t, a)
		now := time.Now().Truncate(time.Millisecond)
		lived(t, a, "v", now.Add(-time.Hour))
		lived(t, shadow, "old", now.Add(-time.Minute))
		lived(t, shadow, "new", now)
		setChanged(t, a, "old", now.Add(-time.Minute))
		setChanged(t, a, "new", now)
		before := rowsOf(t, a, others)

		stores := []pruning.Store{mysqlstore.NewShadowEvents(shadow), mysqlstore.NewArchive(shadow), mysqlstore.NewShadowViewers(shadow), mysqlstore.NewShadowFollows(shadow)}
		prune := func(before time.Time) (pruned []int) {
			for _, s := range stores {
				n, err := s.Prune(t.Context(), before, 3)
				require.NoError(t, err)
				pruned = append(pruned, n)
			}
			return pruned
		}
		require.Equal(t, []int{0, 0, 0, 2}, prune(now.Add(-time.Minute)), "what is as old as may be stays")
		require.Equal(t, []int{3, 1, 1, 0}, prune(now.Add(-time.Minute+time.Millisecond)))
		require.Equal(t, []int{1, 0, 0, 0}, prune(now), "and goes in small steps")
		require.Equal(t, []int{0, 0, 0, 0}, prune(now))
		for table, rows := range rowsOf(t, a, own) {
			require.NotContains(t, strings.Join(rows, "\n"), "old", table)
		}
		require.Len(t, rowsOf(t, a, own)["shadow_events"], 4)
		require.Len(t, rowsOf(t, a, own)["shadow_plays"], 1)

		require.NoError(t, a.ClearShadow(t.Context()))
		for table, rows := range rowsOf(t, a, own) {
			if table != "shadow_log_heads" {
				require.Empty(t, rows, table)
			}
		}
		require.Equal(t, before, rowsOf(t, a, others))
		lived(t, shadow, "later", now)
		logged, err := mysqlstore.NewEventLog(shadow).Read(context.Background(), 0, 10)
		require.NoError(t, err)
		require.EqualValues(t, 9, logged[0].Offset, "offsets go on")
	})
}

func setChanged(t *testing.T, db *mysqlstore.DB, viewer string, at time.Time) {
	t.Helper()
	mysqlstore.Write(t, db, func(tx *gorm.DB) error {
		return tx.Exec("UPDATE shadow_viewers SET changed_at = ? WHERE viewer = ?", at.UnixMilli(), viewer).Error
	})
}
