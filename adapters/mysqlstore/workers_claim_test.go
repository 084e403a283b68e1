package mysqlstore

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Between finding a number that is free and taking it, another process may take it.
func TestANumberThatWasTakenMeanwhileIsNotClaimed(t *testing.T) {
	ctx := t.Context()
	db, err := Open(ctx, Options{Path: filepath.Join(t.TempDir(), "freshet.db")})
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	require.NoError(t, db.Migrate(ctx))
	w, reach := NewWorkers(db), time.Now()
	_, _, err = w.Take(ctx, "who is gone", 1, time.Hour, reach)
	require.NoError(t, err)
	require.NoError(t, w.Give(ctx, "who is gone", 0))

	found, err := w.free(ctx, 1)
	require.NoError(t, err)
	_, _, err = w.Take(ctx, "who is faster", 1, time.Hour, reach)
	require.NoError(t, err)
	require.NoError(t, w.claim(ctx, found, "who is slower", time.Hour, reach))
	held, err := w.holds(ctx, "who is faster", 0)
	require.NoError(t, err)
	require.True(t, held)
}
