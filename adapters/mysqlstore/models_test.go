package mysqlstore_test

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/libtnb/sqlite"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/test/databases"
)

// wide is a model of several parts.
func wide(items int) *recommend.Model {
	ids, rows := make([]catalog.ItemID, items), make([]recommend.LinearRow, items)
	for i := range ids {
		ids[i] = catalog.ItemID(fmt.Sprint("i", i))
		rows[i].Weights = make([]float32, items)
		for j := range rows[i].Weights {
			rows[i].Weights[j] = float32(i*items + j)
		}
	}
	return recommend.NewModel(0, ids, rows, nil)
}

func wideTraining() recommend.Training {
	return recommend.Training{Lambda: 1, At: time.UnixMilli(1)}
}

func withModels(t *testing.T) (*mysqlstore.Models, *sql.DB) {
	path := databases.SQLite(t, "f.db")
	models := mysqlstore.NewModels(opened(t, mysqlstore.Options{Path: path}))
	pool, err := sql.Open(sqlite.DriverName, "file:"+path+"?_pragma=busy_timeout(5000)")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	return models, pool
}

func do(t *testing.T, pool *sql.DB, statement string, args ...any) {
	t.Helper()
	done, err := pool.ExecContext(t.Context(), statement, args...)
	require.NoError(t, err)
	n, err := done.RowsAffected()
	require.NoError(t, err)
	require.Positive(t, n)
}

func count(t *testing.T, pool *sql.DB, query string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, pool.QueryRowContext(t.Context(), query, args...).Scan(&n))
	return n
}

func TestPartsOfAModelFitIntoAStatement(t *testing.T) {
	models, pool := withModels(t)
	_, err := models.Save(t.Context(), wide(500), wideTraining())
	require.NoError(t, err)
	require.Equal(t, 3, count(t, pool, "SELECT COUNT(*) FROM model_parts"))
	require.LessOrEqual(t, count(t, pool, "SELECT MAX(LENGTH(content)) FROM model_parts"), 512<<10)
}

func TestADamagedModelIsRefused(t *testing.T) {
	for name, damage := range map[string]string{
		"a part is missing":       "DELETE FROM model_parts WHERE part = 1",
		"a part is another's":     "UPDATE model_parts SET content = (SELECT content FROM model_parts WHERE part = 0) WHERE part = 1",
		"a part is cut":           "UPDATE model_parts SET content = substr(content, 2) WHERE part = 2",
		"a part is longer":        "UPDATE model_parts SET content = content || x'00' WHERE part = 2",
		"a byte changed":          "UPDATE model_parts SET content = x'01' || substr(content, 2) WHERE part = 2",
		"the head is nothing":     "UPDATE models SET head = x''",
		"the head changed":        "UPDATE models SET head = substr(head, 1, 20) || x'ff' || substr(head, 22)",
		"it is said to be longer": "UPDATE models SET parts = parts + 1",
		"it is another version's": "UPDATE models SET version = version + 100",
	} {
		t.Run(name, func(t *testing.T) {
			models, pool := withModels(t)
			version, err := models.Save(t.Context(), wide(500), wideTraining())
			require.NoError(t, err)
			do(t, pool, damage)
			if name == "it is another version's" {
				version += 100
				do(t, pool, "UPDATE model_parts SET version = version + 100")
			}
			_, _, err = models.Load(t.Context(), version)
			require.ErrorIs(t, err, recommend.ErrModelUnreadable)
			kept, err := models.List(t.Context())
			require.NoError(t, err, "and yet it is listed")
			require.Len(t, kept, 1)
			require.Equal(t, version, kept[0].Version)
			next, err := models.Save(t.Context(), wide(3), wideTraining())
			require.NoError(t, err)
			_, _, err = models.Load(t.Context(), next)
			require.NoError(t, err)
		})
	}
}

func TestWhatNobodyShowsIsClearedAway(t *testing.T) {
	models, pool := withModels(t)
	for range recommend.KeptModels + 2 {
		_, err := models.Save(t.Context(), wide(500), wideTraining())
		require.NoError(t, err)
	}
	require.Equal(t, 3*recommend.KeptModels, count(t, pool, "SELECT COUNT(*) FROM model_parts"), "parts of models that were pushed out")
	now := time.Now()
	for version, at := range map[int]time.Time{1000: now.Add(-59 * time.Minute), 1001: now.Add(-61 * time.Minute)} {
		do(t, pool, "INSERT INTO model_parts (version, part, kept_at, content) VALUES (?, 0, ?, x'00')", version, at.UnixMilli())
	}
	_, err := models.Save(t.Context(), wide(3), wideTraining())
	require.NoError(t, err)
	require.Equal(t, 1, count(t, pool, "SELECT COUNT(*) FROM model_parts WHERE version = 1000"), "somebody may be writing it")
	require.Zero(t, count(t, pool, "SELECT COUNT(*) FROM model_parts WHERE version = 1001"))
	require.Equal(t, recommend.KeptModels, count(t, pool, "SELECT COUNT(*) FROM models"))
}

func TestOneTrainsAtATime(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		a, b := open(t)
		one, two := mysqlstore.NewTurn(a), mysqlstore.NewTurn(b)
		take := func(turn *mysqlstore.Turn, owner string, long time.Duration) bool {
			has, err := turn.Take(t.Context(), owner, long)
			require.NoError(t, err)
			return has
		}
		require.True(t, take(one, "one", time.Hour))
		require.False(t, take(two, "two", time.Hour))
		require.True(t, take(one, "one", time.Hour), "it may be kept")
		require.NoError(t, two.Give(t.Context(), "two"), "what one does not have")
		require.False(t, take(two, "two", time.Hour))
		require.NoError(t, one.Give(t.Context(), "one"))
		require.True(t, take(two, "two", 300*time.Millisecond))
		require.False(t, take(one, "one", time.Hour))
		require.Eventually(t, func() bool { return take(one, "one", time.Hour) }, 5*time.Second, 20*time.Millisecond, "the other one died")
		require.False(t, take(two, "two", time.Hour))
	})
}
