package doctor

import (
	"database/sql"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/binlog"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/diagnosing"
	"github.com/freshet/freshet/test/servers"
)

// TestTheCheckOfTheServersLogGoesRedAndGreenAgain changes a real server by hand, and back.
func TestTheCheckOfTheServersLogGoesRedAndGreenAgain(t *testing.T) {
	server := servers.StartMySQL(t)
	root, err := sql.Open("mysql", server.DSN(""))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, root.Close()) })
	do := func(statement string) {
		t.Helper()
		_, err := root.ExecContext(t.Context(), statement)
		require.NoError(t, err, statement)
	}
	do("CREATE DATABASE watched")
	db, err := mysqlstore.Open(t.Context(), mysqlstore.Options{DSN: server.DSN("watched")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	require.NoError(t, db.Migrate(t.Context()))
	log, err := binlog.New(binlog.Options{DSN: server.DSN("watched")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, log.Close()) })
	look := func() diagnosing.Finding {
		t.Helper()
		return diagnosing.Examine(t.Context(), []diagnosing.Check{diagnosing.OfServerLog(mysqlstore.NewCondition(db), log)}, time.Minute)[0]
	}
	require.Equal(t, diagnosing.Warn, look().Status, "nobody has read yet")

	points := mysqlstore.NewCheckpoints(db)
	keep := func() {
		t.Helper()
		at, err := log.Newest(t.Context())
		require.NoError(t, err)
		_, _, err = points.Take(t.Context(), "me", time.Minute)
		require.NoError(t, err)
		require.NoError(t, points.Keep(t.Context(), "me", at, nil))
	}
	do("CREATE TABLE watched.some (n INT)")
	keep()
	f := look()
	require.Equal(t, diagnosing.OK, f.Status, "%v", f)

	require.NoError(t, points.Give(t.Context(), "me"))
	require.Equal(t, diagnosing.Warn, look().Status, "nobody reads")
	keep()

	do("SET GLOBAL binlog_row_image = MINIMAL")
	f = look()
	require.Equal(t, diagnosing.Fail, f.Status)
	require.Contains(t, f.Seen, "binlog_row_image")
	do("SET GLOBAL binlog_row_image = FULL")
	require.Equal(t, diagnosing.OK, look().Status)

	do("INSERT INTO watched.some VALUES (1)")
	do("FLUSH BINARY LOGS")
	var name, size string
	rows, err := root.Query("SHOW BINARY LOGS")
	require.NoError(t, err)
	for rows.Next() {
		columns, err := rows.Columns()
		require.NoError(t, err)
		into := []any{&name, &size}
		for range columns[2:] {
			into = append(into, new(string))
		}
		require.NoError(t, rows.Scan(into...))
	}
	require.NoError(t, rows.Err())
	require.Eventually(t, func() bool { // a log that is in use stays
		_, _ = root.Exec("PURGE BINARY LOGS TO '" + name + "'")
		f = look()
		return f.Status == diagnosing.Fail
	}, 20*time.Second, 200*time.Millisecond)
	require.Contains(t, f.Seen, "does not go back")
	keep()
	require.Equal(t, diagnosing.OK, look().Status)
}
