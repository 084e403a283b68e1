package mysqlstore_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/libtnb/sqlite"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/test/databases"
)

func withBlends(t *testing.T) (*mysqlstore.Blends, *sql.DB) {
	path := databases.SQLite(t, "f.db")
	blends := mysqlstore.NewBlends(opened(t, mysqlstore.Options{Path: path}))
	pool, err := sql.Open(sqlite.DriverName, "file:"+path+"?_pragma=busy_timeout(5000)")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	return blends, pool
}

func learnedUpTo(n uint64) recommend.KeptBlend {
	return recommend.KeptBlend{UpTo: n, Learned: recommend.Learned{Leaning: recommend.Leaning{Weights: map[string]float64{"known": 1}, Squares: map[string]float64{"known": 2}}, Apart: map[string]recommend.Leaning{}}}
}

func TestADamagedBlendIsRefusedUntilItIsSavedAnew(t *testing.T) {
	for _, content := range []string{"x''", "'{'", `'{"steps":"one"}'`, `'{"strides":1}'`, `'{"weights":{"known":1e999}}'`, "x'00ff'"} {
		blends, pool := withBlends(t)
		require.NoError(t, blends.Save(t.Context(), "f", "k", learnedUpTo(1)))
		do(t, pool, "UPDATE blends SET content = "+content)
		_, err := blends.Load(t.Context(), "f", "k")
		require.ErrorIs(t, err, recommend.ErrBlendUnreadable, content)
		require.NoError(t, blends.Save(t.Context(), "f", "k", learnedUpTo(2)))
		_, err = blends.Load(t.Context(), "f", "k")
		require.NoError(t, err)
	}
}

func TestBlendsThatNobodyUsesGo(t *testing.T) {
	blends, pool := withBlends(t)
	for _, key := range []string{"used", "old", "lately"} {
		require.NoError(t, blends.Save(t.Context(), "f", key, learnedUpTo(1)))
	}
	require.NoError(t, blends.Save(t.Context(), "other", "old", learnedUpTo(1)))
	age := func(key string, days int) {
		do(t, pool, "UPDATE blends SET kept_at = ? WHERE prior = ?", time.Now().Add(-time.Duration(days)*24*time.Hour).UnixMilli(), key)
	}
	age("old", 31)
	age("lately", 29)
	require.NoError(t, blends.Save(t.Context(), "f", "used", learnedUpTo(2)))
	require.Equal(t, 3, count(t, pool, "SELECT COUNT(*) FROM blends WHERE feed = 'f'"), "only another beginning clears away")
	require.NoError(t, blends.Save(t.Context(), "f", "new", learnedUpTo(1)))
	require.Equal(t, 3, count(t, pool, "SELECT COUNT(*) FROM blends WHERE feed = 'f'"))
	require.Zero(t, count(t, pool, "SELECT COUNT(*) FROM blends WHERE feed = 'f' AND prior = 'old'"))
	require.Equal(t, 1, count(t, pool, "SELECT COUNT(*) FROM blends WHERE feed = 'other'"))
}
