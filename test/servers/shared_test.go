package servers_test

import (
	"database/sql"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/servers"
)

func TestEachTestHasADatabaseOfItsOwnWhileItRuns(t *testing.T) {
	server := servers.StartMySQL(t)
	t.Setenv(servers.EnvMySQL, server.DSN(""))

	var first string
	t.Run("while it runs", func(t *testing.T) {
		first = servers.MySQLDatabase(t)
		require.NotEqual(t, first, servers.MySQLDatabase(t))
		withMySQL(t, first, func(db *sql.DB) {
			var charset string
			require.NoError(t, db.QueryRowContext(t.Context(), "SELECT @@character_set_database").Scan(&charset))
			require.Equal(t, "utf8mb4", charset)
		})
	})
	withMySQL(t, first, func(db *sql.DB) {
		refused := new(mysql.MySQLError)
		require.ErrorAs(t, db.PingContext(t.Context()), &refused)
		require.EqualValues(t, 1049, refused.Number, "unknown database")
	})
}

func TestWithoutAServerATestIsSkippedUnlessServersAreRequired(t *testing.T) {
	for _, c := range []struct {
		name                      string
		addrs, required, embedded string
		want                      outcome
	}{
		{"there is one", "127.0.0.1:1,127.0.0.1:2", "", "", outcome{addrs: []string{"127.0.0.1:1", "127.0.0.1:2"}}},
		{"there is none", "", "", "", outcome{skipped: true}},
		{"there is none and one is required", "", "1", "", outcome{failed: true}},
		{"there is one and none is wanted", "127.0.0.1:1", "1", "1", outcome{skipped: true}},
		{"there is none and none is wanted", "", "1", "1", outcome{skipped: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(servers.EnvRedis, c.addrs)
			t.Setenv(servers.EnvRequireServers, c.required)
			t.Setenv(servers.EnvEmbeddedOnly, c.embedded)
			require.Equal(t, c.want, ask(t))
		})
	}
}

type outcome struct {
	addrs           []string
	skipped, failed bool
}

// ask calls RedisAddrs on a stand-in for a test, so that a refusal is not ours.
func ask(t *testing.T) outcome {
	t.Helper()
	stand := &standIn{TB: t}
	func() {
		defer func() {
			if r := recover(); r != nil && r != stand {
				panic(r)
			}
		}()
		stand.addrs = servers.RedisAddrs(stand)
	}()
	return stand.outcome
}

type standIn struct {
	testing.TB
	outcome
}

func (s *standIn) Skip(...any)           { s.skipped = true; panic(s) }
func (s *standIn) Skipf(string, ...any)  { s.Skip() }
func (s *standIn) Fatalf(string, ...any) { s.failed = true; panic(s) }
