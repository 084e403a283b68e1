package mysqlstore_test

import (
	"context"
	"database/sql"
	"net"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/test/databases"
	"github.com/freshet/freshet/test/servers"
)

// calls are one of each kind of access.
func calls(db *mysqlstore.DB) map[string]func(context.Context) error {
	log, items, tally := mysqlstore.NewEventLog(db), mysqlstore.NewItems(db, nil), mysqlstore.NewTally(db)
	return map[string]func(context.Context) error{
		"ping": db.Ping,
		"read": func(ctx context.Context) error { _, err := log.Read(ctx, 0, 1); return err },
		"lagging read": func(ctx context.Context) error {
			_, err := tally.Counts(ctx, []catalog.ItemID{"i"})
			return err
		},
		"write": func(ctx context.Context) error {
			_, err := log.Append(ctx, []engagement.Event{{ID: "e", Viewer: "v", Act: 1, Item: "i", At: dawn}}, dawn)
			return err
		},
		"scan":    func(ctx context.Context) error { _, err := items.Scan(ctx, time.Time{}, 0, 1); return err },
		"advance": func(ctx context.Context) error { _, _, err := tally.Advance(ctx, 1); return err },
	}
}

func TestAServerThatIsGoneFailsFastAndIsUsedAgainWhenItIsBack(t *testing.T) {
	server := servers.StartMySQL(t)
	db := migrated(t, mysqlstore.Options{DSN: newDatabase(t, server)})
	for name, call := range calls(db) {
		require.NoError(t, call(t.Context()), name)
	}

	server.Kill()
	for name, call := range calls(db) {
		start := time.Now()
		err := call(t.Context())
		require.True(t, fault.Is(err, fault.Unavailable), "%s: %v", name, err)
		require.Less(t, time.Since(start), 2*time.Second, name)
	}
	server.Restart()
	for name, call := range calls(db) {
		require.NoError(t, call(t.Context()), name)
	}

	server.Pause()
	for name, call := range calls(db) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		start := time.Now()
		err := call(ctx)
		cancel()
		require.True(t, fault.Is(err, fault.Unavailable), "%s: %v", name, err)
		require.Less(t, time.Since(start), time.Second, name)
	}
	server.Resume()
	for name, call := range calls(db) {
		require.NoError(t, call(t.Context()), name)
	}
}

func TestAServerThatDoesNotListenFailsTheOpening(t *testing.T) {
	for name, addr := range map[string]string{"refused": closedPort(t), "no such host": "nowhere.invalid:3306"} {
		start := time.Now()
		_, err := mysqlstore.Open(t.Context(), mysqlstore.Options{DSN: "u:p@tcp(" + addr + ")/d"})
		require.True(t, fault.Is(err, fault.Unavailable), "%s: %v", name, err)
		require.Less(t, time.Since(start), 5*time.Second, name)
	}
}

func TestAReplicaThatIsDownIsReplacedByThePrimary(t *testing.T) {
	dsn := databases.MySQL(t)
	healthy := opened(t, mysqlstore.Options{DSN: dsn, Replicas: []string{dsn}})
	broken := opened(t, mysqlstore.Options{DSN: dsn, Replicas: []string{"u:p@tcp(" + closedPort(t) + ")/d"}})
	for _, db := range []*mysqlstore.DB{healthy, broken} {
		for name, call := range calls(db) {
			require.NoError(t, call(t.Context()), name)
		}
	}
}

func TestLaggingReadsGoToTheReplicaAndOthersDoNot(t *testing.T) {
	primary, replica := databases.MySQL(t), databases.MySQL(t) // which never follows
	db := opened(t, mysqlstore.Options{DSN: primary, Replicas: []string{replica}})
	log, tally := mysqlstore.NewEventLog(db), mysqlstore.NewTally(db)
	_, err := log.Append(t.Context(), []engagement.Event{{ID: "e", Viewer: "v", Act: 7, Item: "i", At: dawn}}, dawn)
	require.NoError(t, err)
	changed, _, err := tally.Advance(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, map[catalog.ItemID]engagement.Counts{"i": {Likes: 1}}, changed)
	counts, err := tally.Counts(t.Context(), []catalog.ItemID{"i"})
	require.NoError(t, err)
	require.Empty(t, counts, "the replica knows nothing")
	events, err := log.Read(t.Context(), 0, 1)
	require.NoError(t, err)
	require.Len(t, events, 1)
}

func TestACallerThatGivesUpSpoilsNobodyElsesStatement(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		db, _ := open(t)
		log := mysqlstore.NewEventLog(db)
		for size := 1; size <= 256; size *= 2 { // each is a statement to prepare
			ids := make([]engagement.EventID, size)
			for i := range ids {
				ids[i] = "e"
			}
			ctx, cancel := context.WithCancel(t.Context())
			var all sync.WaitGroup
			all.Go(func() { _, _ = log.Known(ctx, ids) })
			for range 6 {
				all.Go(func() {
					if _, err := log.Known(t.Context(), ids); err != nil {
						t.Error(err)
					}
				})
			}
			runtime.Gosched()
			time.Sleep(100 * time.Microsecond)
			cancel()
			all.Wait()
		}
	})
}

func TestASQLiteFileThatCannotBeOpenedIsUnavailable(t *testing.T) {
	_, err := mysqlstore.Open(t.Context(), mysqlstore.Options{Path: filepath.Join(t.TempDir(), "missing", "f.db")})
	require.True(t, fault.Is(err, fault.Unavailable), err)
}

func newDatabase(t *testing.T, server *servers.MySQL) string {
	t.Helper()
	admin, err := sql.Open("mysql", server.DSN(""))
	require.NoError(t, err)
	defer func() { require.NoError(t, admin.Close()) }()
	_, err = admin.ExecContext(t.Context(), "CREATE DATABASE freshet CHARACTER SET utf8mb4")
	require.NoError(t, err)
	return server.DSN("freshet")
}

func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	return l.Addr().String()
}

func TestClosingIsNoFailureWhenTheServerEndedTheConnections(t *testing.T) {
	dsn := databases.MySQL(t)
	raw, err := sql.Open("mysql", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, raw.Close()) })
	db, err := mysqlstore.Open(t.Context(), mysqlstore.Options{DSN: dsn})
	require.NoError(t, err)
	var left int
	for range 20 {
		require.NoError(t, db.Ping(t.Context()))
		killConnection(raw)
		require.NoError(t, raw.QueryRow("SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()").Scan(&left))
		if left == 0 {
			break
		}
	}
	require.Zero(t, left)
	time.Sleep(20 * time.Millisecond) // for the end to come over the socket: writing then fails
	require.NoError(t, db.Close())
}
