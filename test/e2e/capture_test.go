package e2e

import (
	"database/sql"
	"slices"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/instances"
	"github.com/freshet/freshet/test/servers"
)

func TestWhatAnOperatorChangesInSQLReachesEveryInstance(t *testing.T) {
	dsn := servers.MySQLDatabase(t)
	env := []string{"FRESHET_REDIS_ADDRS=" + servers.StartRedis(t).Addr(), "FRESHET_MYSQL_DSN=" + dsn, "FRESHET_RELAY_SOURCE=binlog"}
	fleet := []*instance{
		start(t, append([]string{"FRESHET_DATA_DIR=" + t.TempDir()}, env...)), start(t, append([]string{"FRESHET_DATA_DIR=" + t.TempDir()}, env...)),
	}
	shown := func(in *instance) []string {
		ids := in.page("latest", "viewer", "probe", "limit", "100").ids()
		slices.Sort(ids)
		return ids
	}
	everywhere := func(what string, ok func(ids []string) bool) {
		t.Helper()
		for _, in := range fleet {
			eventually(t, 15*time.Second, what, func() bool { return ok(shown(in)) })
		}
	}
	fleet[0].publish(20, 5, 5)
	everywhere("all serve the catalogue", func(ids []string) bool { return len(ids) == 20 })

	db, err := sql.Open("mysql", dsn)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	_, err = db.Exec("UPDATE items SET state = 2 WHERE id = 'i3'")
	require.NoError(t, err)
	_, err = db.Exec("DELETE FROM items WHERE id = 'i4'")
	require.NoError(t, err)
	everywhere("neither is shown", func(ids []string) bool {
		return len(ids) == 18 && !slices.Contains(ids, "i3") && !slices.Contains(ids, "i4")
	})

	readers := fleet[0].metric("freshet_capture_reading") + fleet[1].metric("freshet_capture_reading")
	require.Equal(t, 1.0, readers)
	reader := fleet[0]
	if reader.metric("freshet_capture_reading") == 0 {
		reader = fleet[1]
	}
	require.Equal(t, 2.0, reader.metric("freshet_capture_items"))
	require.NoError(t, reader.Stop())
	fleet = slices.DeleteFunc(fleet, func(in *instance) bool { return in == reader })
	_, err = db.Exec("UPDATE items SET state = 1 WHERE id = 'i3'")
	require.NoError(t, err)
	everywhere("it is shown again, by the one that goes on", func(ids []string) bool { return slices.Contains(ids, "i3") })
}

func TestAnAccountThatMayNotReadTheLogIsToldSo(t *testing.T) {
	dsn := servers.MySQLDatabase(t)
	db, err := sql.Open("mysql", dsn)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	var database string
	require.NoError(t, db.QueryRow("SELECT DATABASE()").Scan(&database))
	user := database[len(database)-12:]
	for _, statement := range []string{"CREATE USER '" + user + "'@'%' IDENTIFIED BY 'pass'", "GRANT ALL ON " + database + ".* TO '" + user + "'@'%'"} {
		_, err := db.Exec(statement)
		require.NoError(t, err)
	}
	t.Cleanup(func() {
		db, err := sql.Open("mysql", dsn)
		require.NoError(t, err)
		_, err = db.Exec("DROP USER '" + user + "'@'%'")
		require.NoError(t, err)
		require.NoError(t, db.Close())
	})
	out, err := instances.Run(t, []string{
		"FRESHET_MYSQL_DSN=" + account(t, dsn, user, "pass"), "FRESHET_RELAY_SOURCE=binlog", "FRESHET_DATA_DIR=" + t.TempDir(),
		"FRESHET_HTTP_ADDR=127.0.0.1:0", "FRESHET_ADMIN_ADDR=127.0.0.1:0", "FRESHET_RPC_ADDR=127.0.0.1:0",
	}, "serve")
	require.Error(t, err)
	require.Contains(t, out, "the account lacks the privilege REPLICATION SLAVE")
	require.Contains(t, out, "the account lacks the privilege REPLICATION CLIENT")
	require.NotContains(t, out, "log_bin")
}

// account is the DSN with another account.
func account(t *testing.T, dsn, user, password string) string {
	t.Helper()
	cfg, err := mysql.ParseDSN(dsn)
	require.NoError(t, err)
	cfg.User, cfg.Passwd = user, password
	return cfg.FormatDSN()
}
