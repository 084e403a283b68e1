package databases

import (
	"context"
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/test/servers"
)

func TestEveryDatabaseIsMigratedAndOfTheTestsOwn(t *testing.T) {
	for name, fresh := range map[string]func(*testing.T) mysqlstore.Options{
		"SQLite": func(t *testing.T) mysqlstore.Options { return mysqlstore.Options{Path: SQLite(t, "f.db")} },
		"MySQL":  func(t *testing.T) mysqlstore.Options { return mysqlstore.Options{DSN: MySQL(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			seen := map[string]bool{}
			for range 3 {
				opts := fresh(t)
				require.NotContains(t, seen, opts.Path+opts.DSN)
				seen[opts.Path+opts.DSN] = true
				db, err := mysqlstore.Open(t.Context(), opts)
				require.NoError(t, err)
				have, want, err := db.SchemaVersion(t.Context())
				require.NoError(t, err)
				require.Equal(t, want, have)
				require.NoError(t, db.Close())
			}
		})
	}
}

// TestMySQLCopiesWhatMigrationsMake compares tables, and rows in them, with those of a database that was migrated.
func TestMySQLCopiesWhatMigrationsMake(t *testing.T) {
	MySQL(t) // whether or not it is the first
	copied, migrated := MySQL(t), servers.MySQLDatabase(t)
	require.NoError(t, migrate(mysqlstore.Options{DSN: migrated}))
	require.Equal(t, written(t, migrated), written(t, copied))
}

func written(t *testing.T, dsn string) (script string) {
	t.Helper()
	require.NoError(t, on(dsn, func(ctx context.Context, conn *sql.Conn) (err error) {
		_, err = conn.ExecContext(ctx, "UPDATE goose_db_version SET tstamp = '2026-01-01 00:00:00'")
		require.NoError(t, err)
		script, err = dump(ctx, conn)
		return err
	}))
	require.Contains(t, script, "INSERT INTO `log_heads`")
	return script
}
