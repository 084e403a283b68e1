package e2e

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/libtnb/sqlite"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/instances"
	"github.com/freshet/freshet/test/servers"
)

type deadLetter struct {
	ID       int    `json:"id"`
	Item     string `json:"item"`
	Failures int    `json:"failures"`
	Outcome  string `json:"outcome"`
}

func dlq(t *testing.T, env []string, args ...string) (letters []deadLetter) {
	t.Helper()
	out, err := instances.Run(t, env, append([]string{"dlq", "--json"}, args...)...)
	require.NoError(t, err, out)
	require.NoError(t, json.Unmarshal([]byte(out), &letters), out)
	return letters
}

// poison writes a fact of an item that only the outbox knows; its details are no JSON.
func poison(t *testing.T, db *sql.DB, n int) {
	t.Helper()
	_, err := db.Exec("INSERT INTO outbox (number, id, state, version, changed_at, details) VALUES (?, ?, 1, 1, 1767225600000, ?)",
		900_000+n, fmt.Sprintf("poison%d", n), []byte(`?{"t":"T","p":1767225600000}`))
	require.NoError(t, err)
}

func (in *instance) shows(id string) bool {
	return slices.Contains(in.page("latest", "viewer", "probe", "limit", "100").ids(), id)
}

// With Redis killed and brought back, what is poison is put aside and all else arrives everywhere, whoever tells of it.
func TestWhatCannotBeDeliveredIsPutAsideAndRequeuedBesideInstances(t *testing.T) {
	for _, source := range []string{"outbox", "binlog"} {
		t.Run(source, func(t *testing.T) {
			dsn, redis := servers.MySQLDatabase(t), servers.StartRedis(t)
			env := []string{"FRESHET_REDIS_ADDRS=" + redis.Addr(), "FRESHET_MYSQL_DSN=" + dsn, "FRESHET_RELAY_SOURCE=" + source}
			one := start(t, append([]string{"FRESHET_DATA_DIR=" + t.TempDir()}, env...))
			two := start(t, append([]string{"FRESHET_DATA_DIR=" + t.TempDir()}, env...))
			db, err := sql.Open("mysql", dsn)
			require.NoError(t, err)
			defer func() { require.NoError(t, db.Close()) }()

			one.publish(5, 5, 5)
			eventually(t, 15*time.Second, "the other shows them", func() bool { return two.shows("i4") })
			redis.Kill()
			one.must("PUT", "/v1/items/later", map[string]any{"title": "T"})
			poison(t, db, 1)
			poison(t, db, 2)
			time.Sleep(4 * time.Second) // longer than three failures of its own take
			require.Empty(t, dlq(t, env, "list"), "Redis is gone: nothing is the facts' fault")
			redis.Restart()

			eventually(t, 30*time.Second, "both are given up", func() bool { return len(dlq(t, env, "list")) == 2 })
			eventually(t, 15*time.Second, "what came beside them is shown", func() bool { return two.shows("later") })
			letters := dlq(t, env, "list")
			require.Equal(t, []string{"poison1", "poison2"}, []string{letters[0].Item, letters[1].Item})
			require.Equal(t, 3, letters[0].Failures)
			eventually(t, 15*time.Second, "the metric tells", func() bool {
				return one.metrics("freshet_relay_dead_letters")[`{superseded="no"}`] == 2
			})

			_, err = db.Exec("UPDATE dead_letters SET details = SUBSTRING(details, 2) WHERE id = 'poison2'")
			require.NoError(t, err)
			dealt := dlq(t, env, "requeue", "--all")
			require.Equal(t, []string{"requeued", "requeued"}, []string{dealt[0].Outcome, dealt[1].Outcome})
			for _, in := range []*instance{one, two} {
				eventually(t, 15*time.Second, "what was mended is shown", func() bool { return in.shows("poison2") })
			}
			eventually(t, 30*time.Second, "what was not is given up again", func() bool {
				left := dlq(t, env, "list")
				return len(left) == 1 && left[0] == letters[0]
			})
			require.Equal(t, "dropped", dlq(t, env, "drop", fmt.Sprint(letters[0].ID))[0].Outcome)
			eventually(t, 15*time.Second, "nothing waits", func() bool {
				return one.metrics("freshet_relay_dead_letters")[`{superseded="no"}`] == 0 && one.metric("freshet_relay_pending") == 0 &&
					one.metric("freshet_relay_lag_seconds") == 0
			})
		})
	}
}

func TestDeadLettersOfAnEmbeddedDatabaseAreDealtWithWhileItServesAndAfterwards(t *testing.T) {
	dir := t.TempDir()
	env := []string{"FRESHET_DATA_DIR=" + dir}
	out, err := instances.Run(t, env, "dlq", "list")
	require.Error(t, err)
	require.Equal(t, 1, strings.Count(out, "\n"), "there is no database yet: %s", out)

	in := start(t, env)
	db, err := sql.Open(sqlite.DriverName, "file:"+dir+"/freshet.db?_pragma=busy_timeout(5000)")
	require.NoError(t, err)
	poison(t, db, 1)
	poison(t, db, 2)
	eventually(t, 30*time.Second, "both are given up", func() bool { return len(dlq(t, env, "list")) == 2 })
	letters := dlq(t, env, "list")
	_, err = db.Exec("UPDATE dead_letters SET details = substr(details, 2)")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	require.Equal(t, "requeued", dlq(t, env, "requeue", fmt.Sprint(letters[0].ID))[0].Outcome)
	eventually(t, 15*time.Second, "it is shown", func() bool { return in.shows("poison1") })

	require.NoError(t, in.Stop())
	require.Equal(t, "requeued", dlq(t, env, "requeue", fmt.Sprint(letters[1].ID))[0].Outcome)
	require.Equal(t, "waiting", dlq(t, env, "requeue", fmt.Sprint(letters[1].ID))[0].Outcome)
	require.Empty(t, dlq(t, env, "list"))
}
