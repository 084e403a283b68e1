package databases

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/freshet/freshet/adapters/mysqlstore"
)

// SQLite is the path of a database of tb's own, in a file that is called name.
func SQLite(tb testing.TB, name string) string {
	tb.Helper()
	whole, err := file()
	if err != nil {
		tb.Fatal(err)
	}
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// file is what a migrated database's file holds.
var file = sync.OnceValues(func() (whole []byte, err error) {
	dir, err := os.MkdirTemp("", "freshet-databases-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "f.db")
	if err := migrate(mysqlstore.Options{Path: path}); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func migrate(opts mysqlstore.Options) (err error) {
	ctx := context.Background()
	db, err := mysqlstore.Open(ctx, opts)
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx); err != nil {
		_ = db.Close()
		return err
	}
	return db.Close()
}
