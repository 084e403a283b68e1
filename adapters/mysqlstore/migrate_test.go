package mysqlstore_test

import (
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/test/servers"
)

func TestInstancesMayMigrateAtOnce(t *testing.T) {
	for name, options := range map[string]func(*testing.T) mysqlstore.Options{
		"SQLite": func(t *testing.T) mysqlstore.Options {
			return mysqlstore.Options{Path: filepath.Join(t.TempDir(), "f.db")}
		},
		"MySQL": func(t *testing.T) mysqlstore.Options { return mysqlstore.Options{DSN: servers.MySQLDatabase(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			opts := options(t)
			var instances []*mysqlstore.DB
			for range 4 {
				db, err := mysqlstore.Open(t.Context(), opts)
				require.NoError(t, err)
				t.Cleanup(func() { require.NoError(t, db.Close()) })
				have, want, err := db.SchemaVersion(t.Context())
				require.NoError(t, err)
				require.Zero(t, have)
				require.Equal(t, versions(t)[len(versions(t))-1], want)
				instances = append(instances, db)
			}
			var all sync.WaitGroup
			for _, db := range instances {
				all.Go(func() {
					if err := db.Migrate(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			db := migrated(t, opts)
			have, want, err := db.SchemaVersion(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, have)
			require.Len(t, versions(t), appliedTimes(t, opts), "each once")
			_, err = mysqlstore.NewItems(db, nil).Find(t.Context(), "i")
			require.ErrorIs(t, err, catalog.ErrItemNotFound)
		})
	}
}

// appliedTimes counts applied migrations. Version 0 is goose's own mark of a table that it has begun: MariaDB's list of tables
// may not show one made a moment ago, and then goose marks it again, which changes nothing.
func appliedTimes(t *testing.T, opts mysqlstore.Options) (n int) {
	t.Helper()
	driver, dsn := "mysql", opts.DSN
	if opts.Path != "" {
		driver, dsn = "sqlite", opts.Path
	}
	pool, err := sql.Open(driver, dsn)
	require.NoError(t, err)
	defer func() { require.NoError(t, pool.Close()) }()
	require.NoError(t, pool.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM goose_db_version WHERE version_id > 0").Scan(&n))
	return n
}

func TestAMigrationThatDiedAnywhereGoesOn(t *testing.T) {
	opts := mysqlstore.Options{DSN: servers.MySQLDatabase(t)}
	migrated(t, opts)
	pool, err := sql.Open("mysql", opts.DSN)
	require.NoError(t, err)
	defer func() { require.NoError(t, pool.Close()) }()
	for _, version := range slices.Backward(append([]int64{0}, versions(t)...)) { // its tables are there, its record is not
		_, err := pool.ExecContext(t.Context(), "DELETE FROM goose_db_version WHERE version_id >= ?", version)
		require.NoError(t, err)
		db := migrated(t, opts)
		have, want, err := db.SchemaVersion(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, have)
		require.Len(t, versions(t), appliedTimes(t, opts))
	}
}

func TestBothKindsOfDatabaseHaveTheSameMigrations(t *testing.T) {
	require.Equal(t, migrationsIn(t, "mysql"), migrationsIn(t, "sqlite"))
}

func migrationsIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := fs.ReadDir(os.DirFS("migrations"), folder)
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// versions are those there are, in order.
func versions(t *testing.T) (all []int64) {
	t.Helper()
	for _, name := range migrationsIn(t, "mysql") {
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.ParseInt(number, 10, 64)
		require.NoError(t, err)
		all = append(all, version)
	}
	return all
}

func TestADatabaseThatIsNotMigratedIsOurFaultAndNotItsAbsence(t *testing.T) {
	db, err := mysqlstore.Open(t.Context(), mysqlstore.Options{Path: filepath.Join(t.TempDir(), "f.db")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	_, err = mysqlstore.NewItems(db, nil).Find(t.Context(), "i")
	require.Error(t, err)
	require.False(t, fault.Is(err, fault.Unavailable), err)
}

func TestADatabaseIsNamedInOneWay(t *testing.T) {
	for _, opts := range []mysqlstore.Options{{}, {Path: "f", DSN: "d"}, {DSN: "no dsn"}} {
		_, err := mysqlstore.Open(t.Context(), opts)
		require.Error(t, err)
		require.False(t, fault.Is(err, fault.Unavailable), err)
	}
}
