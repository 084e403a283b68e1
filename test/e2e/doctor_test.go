package e2e

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/instances"
	"github.com/freshet/freshet/test/servers"
)

// TestTheDoctorLooksAtAFleet finds two instances in order, and an index that misses what was changed behind every back.
func TestTheDoctorLooksAtAFleet(t *testing.T) {
	redis, dsn := servers.StartRedis(t), servers.MySQLDatabase(t)
	env := []string{"FRESHET_REDIS_ADDRS=" + redis.Addr(), "FRESHET_MYSQL_DSN=" + dsn, "FRESHET_DATA_DIR=" + t.TempDir()}
	a, b := start(t, env), start(t, env)
	a.publish(50, 5, 5)
	a.record(event("like", "v", "i1"), event("like", "w", "i2"))
	a.page("for-you", "viewer", "v")
	look := func(more ...string) (string, error) {
		return instances.Run(t, env, append([]string{"doctor", "--instance", a.Admin, "--instance", "http://" + b.Admin}, more...)...)
	}
	var out string
	eventually(t, 20*time.Second, "all is in order", func() (sound bool) {
		var err error
		out, err = look()
		return err == nil
	})
	require.Contains(t, out, "50 published items, the same as in the catalogue")
	require.NotContains(t, out, "warn", "%s", out)

	db, err := sql.Open("mysql", dsn)
	require.NoError(t, err)
	defer db.Close()
	change := func(statement string) {
		t.Helper()
		_, err := db.ExecContext(context.Background(), statement)
		require.NoError(t, err)
	}
	change("UPDATE items SET version = version + 5 WHERE id = 'i7'")
	change("UPDATE item_counts SET likes = 9 WHERE item = 'i1'")
	out, err = look()
	require.ErrorContains(t, err, "exit status 1")
	require.Regexp(t, `fail +index http://`+a.Admin, out)
	require.Regexp(t, `fail +index http://`+b.Admin, out)
	require.Regexp(t, `fail +counters +1 differences`, out)
	change("UPDATE items SET version = version - 5 WHERE id = 'i7'")
	_, err = instances.Run(t, env, "counters", "rebuild")
	require.NoError(t, err)
	out, err = look("--json")
	require.NoError(t, err, "%s", out)
	require.Contains(t, out, `"sound": true`)

	require.NoError(t, a.Stop())
	out, err = look()
	require.Error(t, err)
	require.Regexp(t, `fail +index http://`+a.Admin, out)
}

// TestTheDoctorLooksAtTheEmbeddedStores does it beside a server and after it.
func TestTheDoctorLooksAtTheEmbeddedStores(t *testing.T) {
	env := []string{"FRESHET_DATA_DIR=" + t.TempDir()}
	out, err := instances.Run(t, env, "doctor")
	require.ErrorContains(t, err, "exit status 1", "there is nothing yet")
	require.Contains(t, out, "fail", "%s", out)
	in := start(t, env)
	in.publish(5, 1, 1)
	in.record(event("like", "v", "i1"))
	eventually(t, 20*time.Second, "all is in order beside the server", func() bool {
		out, err = instances.Run(t, env, "doctor", "--instance", in.Admin)
		return err == nil
	})
	require.NoError(t, in.Stop())
	out, err = instances.Run(t, env, "doctor")
	require.NoError(t, err, "%s", out)
	require.Regexp(t, `ok +snapshot +of this database`, out)
	require.Regexp(t, `ok +catalogue +of this database`, out)
}
