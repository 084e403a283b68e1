package mysqlstore_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/test/databases"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// onEach runs the test on every kind of database. open gives handles on one empty, migrated
// database of the test's own, each as a separate instance of the service would have.
func onEach(t *testing.T, test func(t *testing.T, open opener)) {
	t.Run("SQLite", func(t *testing.T) {
		test(t, func(t *testing.T) (a, b *mysqlstore.DB) {
			opts := mysqlstore.Options{Path: databases.SQLite(t, "with ?#% in it.db")}
			return opened(t, opts), opened(t, opts)
		})
	})
	t.Run("MySQL", func(t *testing.T) {
		test(t, func(t *testing.T) (a, b *mysqlstore.DB) {
			opts := mysqlstore.Options{DSN: databases.MySQL(t)}
			return opened(t, opts), opened(t, opts)
		})
	})
}

func opened(t *testing.T, opts mysqlstore.Options) *mysqlstore.DB {
	t.Helper()
	db, err := mysqlstore.Open(t.Context(), opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// migrated opens a database that may lack tables.
func migrated(t *testing.T, opts mysqlstore.Options) *mysqlstore.DB {
	t.Helper()
	db := opened(t, opts)
	require.NoError(t, db.Migrate(t.Context()))
	return db
}
