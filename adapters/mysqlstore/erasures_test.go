package mysqlstore_test

import (
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/libtnb/sqlite"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/test/databases"
)

func TestNoticesOfErasuresReachEverybodyInOneOrder(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		a, b := open(t)
		one, two := mysqlstore.NewErasures(a), mysqlstore.NewErasures(b)
		since := func(after uint64, limit int) []audience.ViewerID {
			t.Helper()
			viewers, err := two.Since(t.Context(), after, limit)
			require.NoError(t, err)
			return viewers
		}
		require.Empty(t, since(0, 10))
		want := []audience.ViewerID{"v", audience.ViewerID(strings.Repeat("ü", 64)), "世界", "v"}
		for _, viewer := range want {
			removed, err := one.Erase(t.Context(), viewer)
			require.NoError(t, err)
			require.Empty(t, removed)
		}
		head, err := two.Head(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 4, head)
		require.Equal(t, want, since(0, 10))
		require.Equal(t, want[1:3], since(1, 2))
		require.Empty(t, since(4, 10))
		_, err = two.Since(t.Context(), 5, 10)
		require.ErrorIs(t, err, erasing.ErrNoticesGone)

		require.NoError(t, one.Expire(t.Context(), time.Hour))
		require.Equal(t, want, since(0, 10))
		require.NoError(t, one.Expire(t.Context(), 0))
		require.Empty(t, since(4, 10), "whoever has heard all misses none")
		_, err = two.Since(t.Context(), 3, 10)
		require.ErrorIs(t, err, erasing.ErrNoticesGone)
		_, err = two.Erase(t.Context(), "w")
		require.NoError(t, err)
		require.Equal(t, []audience.ViewerID{"w"}, since(4, 10))
	})
}

func TestNoticesPostedAtOnceHaveEachTheirPlace(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		a, b := open(t)
		var all sync.WaitGroup
		for n, db := range []*mysqlstore.DB{a, b, a, b} {
			all.Go(func() {
				for i := range 5 {
					if _, err := mysqlstore.NewErasures(db).Erase(t.Context(), audience.ViewerID(fmt.Sprint(n, "-", i))); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		viewers, err := mysqlstore.NewErasures(a).Since(t.Context(), 0, 100)
		require.NoError(t, err)
		seen := map[audience.ViewerID]bool{}
		for _, v := range viewers {
			seen[v] = true
		}
		require.Len(t, seen, 20)
	})
}

func TestANoticeTellsNeitherWhoNorHowLongTheNameIs(t *testing.T) {
	path := databases.SQLite(t, "f.db")
	notices := mysqlstore.NewErasures(opened(t, mysqlstore.Options{Path: path}))
	for _, viewer := range []audience.ViewerID{"a-viewer-of-renown", "a-viewer-of-renown", "v"} {
		_, err := notices.Erase(t.Context(), viewer)
		require.NoError(t, err)
	}
	pool, err := sql.Open(sqlite.DriverName, "file:"+path+"?_pragma=busy_timeout(5000)")
	require.NoError(t, err)
	defer func() { require.NoError(t, pool.Close()) }()
	require.Zero(t, count(t, pool, "SELECT COUNT(*) FROM erasures WHERE instr(sealed, CAST('renown' AS BLOB)) > 0"))
	require.Equal(t, 3, count(t, pool, "SELECT COUNT(DISTINCT sealed) FROM erasures"), "nor whether two are of one viewer")
	require.Equal(t, 1, count(t, pool, "SELECT COUNT(DISTINCT length(sealed)) FROM erasures"))
}
