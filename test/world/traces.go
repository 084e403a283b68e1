package world

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/libtnb/sqlite"
	"github.com/stretchr/testify/require"
)

// Traces lists where in the SQL tables and in Redis a word stands.
func (w *World) Traces(word string) []string {
	w.t.Helper()
	return append(w.tracesInSQL(word), w.tracesInRedis(word)...)
}

func (w *World) tracesInSQL(word string) (places []string) {
	db, err := sql.Open(sqlite.DriverName, "file:"+w.file+"?_pragma=busy_timeout(5000)")
	require.NoError(w.t, err)
	defer func() { require.NoError(w.t, db.Close()) }()
	for _, table := range words(w, db, "SELECT name FROM sqlite_master WHERE type = 'table'") {
		for _, column := range words(w, db, fmt.Sprintf("SELECT name FROM pragma_table_info('%s')", table)) {
			var n int
			row := db.QueryRow(fmt.Sprintf("SELECT COUNT(*) FROM %q WHERE instr(CAST(%q AS BLOB), CAST(? AS BLOB)) > 0", table, column), word)
			require.NoError(w.t, row.Scan(&n))
			if n > 0 {
				places = append(places, fmt.Sprintf("%s.%s: %d", table, column, n))
			}
		}
	}
	return places
}

func words(w *World, db *sql.DB, query string) (found []string) {
	rows, err := db.Query(query)
	require.NoError(w.t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s string
		require.NoError(w.t, rows.Scan(&s))
		found = append(found, s)
	}
	require.NoError(w.t, rows.Err())
	return found
}

func (w *World) tracesInRedis(word string) (places []string) {
	ctx := context.Background()
	keys, err := w.raw.Keys(ctx, "*").Result()
	require.NoError(w.t, err)
	for _, key := range keys {
		kind, err := w.raw.Type(ctx, key).Result()
		require.NoError(w.t, err)
		var held any
		switch kind {
		case "string":
			held, err = w.raw.Get(ctx, key).Result()
		case "hash":
			held, err = w.raw.HGetAll(ctx, key).Result()
		case "zset":
			held, err = w.raw.ZRange(ctx, key, 0, -1).Result()
		case "set":
			held, err = w.raw.SMembers(ctx, key).Result()
		case "stream":
			held, err = w.raw.XRange(ctx, key, "-", "+").Result()
		case "none": // it has just ended
		default:
			require.Fail(w.t, "a kind of key that is not searched", "%s %s", kind, key)
		}
		require.NoError(w.t, err)
		if strings.Contains(fmt.Sprint(key, held), word) {
			places = append(places, kind+" "+key)
		}
	}
	return places
}
