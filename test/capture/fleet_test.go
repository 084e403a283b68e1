package capture

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/freshet/freshet/adapters/binlog"
	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/randomness"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/capturing"
	"github.com/freshet/freshet/application/indexing"
	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/application/relaying"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/application/steering"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/ports/job"
	"github.com/freshet/freshet/test/databases"
	"github.com/freshet/freshet/test/servers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ctx = context.Background()

// patience is for a machine that is busy with other tests.
const patience = 30 * time.Second

// fleet is some instances on one database and one Redis.
type fleet struct {
	t      *testing.T
	dsn    string
	prefix string
	raw    *sql.DB

	numbers mysqlstore.NextNumber
}

func newFleet(t *testing.T, dsn string) *fleet {
	t.Helper()
	cfg, err := mysql.ParseDSN(dsn)
	require.NoError(t, err)
	cfg.Logger = new(mysql.NopLogger)
	connector, err := mysql.NewConnector(cfg)
	require.NoError(t, err)
	raw := sql.OpenDB(connector)
	t.Cleanup(func() { require.NoError(t, raw.Close()) })
	return &fleet{t: t, dsn: dsn, prefix: randomness.Name() + ":", raw: raw, numbers: databases.Counting()}
}

// lent is a fleet on the database of a server that other tests use too.
func lent(t *testing.T) *fleet {
	t.Helper()
	return newFleet(t, databases.MySQL(t))
}

// onOwnServer is a fleet on a server to break.
func onOwnServer(t *testing.T) (*fleet, *servers.MySQL) {
	t.Helper()
	server := servers.StartMySQL(t)
	admin, err := sql.Open("mysql", server.DSN(""))
	require.NoError(t, err)
	defer func() { require.NoError(t, admin.Close()) }()
	_, err = admin.Exec("CREATE DATABASE freshet CHARACTER SET utf8mb4")
	require.NoError(t, err)
	db, err := mysqlstore.Open(ctx, mysqlstore.Options{DSN: server.DSN("freshet")})
	require.NoError(t, err)
	require.NoError(t, db.Migrate(ctx))
	require.NoError(t, db.Close())
	return newFleet(t, server.DSN("freshet")), server
}

// sql runs a statement as an operator does, beside the service.
func (f *fleet) sql(statement string, args ...any) {
	f.t.Helper()
	_, err := f.raw.Exec(statement, args...)
	require.NoError(f.t, err, statement)
}

func (f *fleet) number(query string, args ...any) (n int64) {
	f.t.Helper()
	require.NoError(f.t, f.raw.QueryRow(query, args...).Scan(&n), query)
	return n
}

// logs counts the files of the server's log.
func (f *fleet) logs() (n int) {
	f.t.Helper()
	rows, err := f.raw.Query("SHOW BINARY LOGS")
	require.NoError(f.t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		n++
	}
	require.NoError(f.t, rows.Err())
	return n
}

// instance is one process, as far as it concerns changes.
type instance struct {
	f         *fleet
	db        *mysqlstore.DB
	redis     *redisstore.Client
	log       *binlog.Log
	index     *memindex.Index
	keeper    *indexing.Keeper
	items     *publishing.Items
	known     *remembering.Viewers
	fast      *redisstore.Remembrance
	decisions *steering.Decisions
	relay     *relaying.Relay
	outbox    *mysqlstore.Outbox
	capture   *capturing.Capture
	review    *capturing.Review
	jobs      *job.Group

	mu      sync.Mutex
	gaps    []string
	refused map[catalog.ItemID]error
	said    *lines
	failed  map[string]string
	closing sync.Once
}

// instance starts one that knows the catalogue and does nothing by itself.
func (f *fleet) instance() *instance {
	f.t.Helper()
	in := &instance{f: f, index: memindex.New(), refused: map[catalog.ItemID]error{}, said: &lines{}, failed: map[string]string{}}
	var err error
	in.db, err = mysqlstore.Open(ctx, mysqlstore.Options{DSN: f.dsn})
	require.NoError(f.t, err)
	in.redis, err = redisstore.Open(redisstore.Options{Addrs: servers.RedisAddrs(f.t), Prefix: f.prefix,
		DialTimeout: patience, ReadTimeout: patience, WriteTimeout: patience, PoolTimeout: patience})
	require.NoError(f.t, err)
	in.log, err = binlog.New(binlog.Options{DSN: f.dsn, Log: slog.New(slog.NewTextHandler(in.said, nil))})
	require.NoError(f.t, err)

	items, points := mysqlstore.NewItems(in.db, f.numbers), mysqlstore.NewCheckpoints(in.db)
	viewers, stream := mysqlstore.NewViewers(in.db), redisstore.NewChanges(in.redis)
	in.outbox, in.fast = mysqlstore.NewOutbox(in.db), redisstore.NewRemembrance(in.redis)
	in.known = remembering.NewViewers(in.fast, mysqlstore.NewRecollection(in.db), mysqlstore.NewRepairs(in.db), in.redis, time.Now)
	in.keeper = indexing.NewKeeper(items, stream, in.index, time.Now)
	in.items = publishing.NewItems(items, in.index, time.Now)
	in.decisions = steering.NewDecisions(viewers, in.known, true, time.Now)
	in.relay = relaying.NewRelay(in.outbox, stream, randomness.Name(), nil)
	adoption := capturing.NewAdoption(items, time.Now, func(id catalog.ItemID, err error) {
		in.mu.Lock()
		defer in.mu.Unlock()
		in.refused[id] = err
	})
	in.review = capturing.NewReview(points, items, in.index, adoption)
	in.capture = capturing.NewCapture(in.log, points, stream, adoption, in.known, randomness.Name(), time.Now, capturing.Watch{Gap: func(_, why string) {
		in.mu.Lock()
		defer in.mu.Unlock()
		in.gaps = append(in.gaps, why)
	}})
	require.NoError(f.t, in.review.Begin(ctx))
	_, err = in.keeper.Build(ctx)
	require.NoError(f.t, err)
	f.t.Cleanup(in.close)
	return in
}

// run begins what goes on beside requests; without captures the log is not read here.
func (in *instance) run(captures bool) *instance {
	in.jobs = job.NewGroup(func(name string, _ int, err error, _ time.Duration) {
		in.mu.Lock()
		defer in.mu.Unlock()
		if err != nil {
			in.failed[name] = err.Error()
		}
	})
	in.jobs.Start(
		job.Loop{Name: "follow", Run: in.keeper.Follow},
		job.Loop{Name: "repair", Every: 100 * time.Millisecond, Run: in.known.Repair},
		job.Loop{Name: "review", Every: 100 * time.Millisecond, Run: in.review.Run},
	)
	if captures {
		in.jobs.Start(job.Loop{Name: "capture", Run: in.capture.Follow})
	}
	return in
}

// close ends it the orderly way.
func (in *instance) close() {
	in.closing.Do(func() {
		if in.f.t.Failed() {
			in.tellRows()
		}
		if in.jobs != nil {
			require.NoError(in.f.t, in.jobs.Stop(ctx))
		}
		_ = in.capture.Close(ctx)
		require.NoError(in.f.t, in.log.Close())
		require.NoError(in.f.t, in.redis.Close())
		require.NoError(in.f.t, in.db.Close())
		if in.f.t.Failed() {
			in.f.t.Logf("gaps %q, failures %v, refused %v, said %s, stats %+v", in.gaps, in.failed, in.refused, in.said, in.capture.Stats())
		}
	})
}

// tellRows says what the tables hold, for who wonders why an index does not.
func (in *instance) tellRows() {
	for _, table := range []string{"captures", "outbox", "items", "information_schema.innodb_trx", "information_schema.processlist"} {
		rows, err := in.f.raw.QueryContext(ctx, "SELECT * FROM "+table+" LIMIT 40")
		if err != nil {
			in.f.t.Logf("%s: %v", table, err)
			continue
		}
		columns, _ := rows.Columns()
		for rows.Next() {
			values, into := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			_ = rows.Scan(into...)
			in.f.t.Logf("%s: %s", table, values)
		}
		in.f.t.Log(rows.Err(), rows.Close())
	}
}

// gapsTold are those that this instance told of.
func (in *instance) gapsTold() []string {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.gaps)
}

// awaitReading waits until the log is read here.
func (in *instance) awaitReading() {
	in.f.t.Helper()
	require.Eventually(in.f.t, func() bool { return in.capture.Stats().Opened > 0 }, patience, time.Millisecond)
}

// shows is an item as this instance has it.
func (in *instance) shows(id catalog.ItemID) (s catalog.Snapshot, ok bool) {
	at, items := []recommend.Ordinal{0}, []*catalog.Snapshot{nil}
	view := in.index.View()
	view.Locate([]catalog.ItemID{id}, at)
	view.Items(at, items)
	if items[0] == nil {
		return s, false
	}
	return *items[0], true
}

func title(in *instance, id catalog.ItemID) string {
	s, ok := in.shows(id)
	switch {
	case !ok:
		return "(none)"
	case s.State != catalog.Published:
		return "(" + s.State.String() + ")"
	}
	return s.Details.Title
}

// eventually waits until every instance shows the item so.
func eventually(t *testing.T, id catalog.ItemID, want string, all ...*instance) {
	t.Helper()
	for _, in := range all {
		require.Eventually(t, func() bool { return title(in, id) == want }, patience, time.Millisecond, "%s is %q and not %q", id, title(in, id), want)
	}
}

// agree waits until every index is what the table says.
func (f *fleet) agree(all ...*instance) {
	f.t.Helper()
	var apart string
	ok := func() bool {
		apart = f.apart(all...)
		return apart == ""
	}
	if !assertEventually(ok) {
		require.Fail(f.t, "indexes and catalogue differ", apart)
	}
}

func assertEventually(ok func() bool) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return true
		}
	}
	return ok()
}

func (f *fleet) apart(all ...*instance) string {
	rows, err := mysqlstore.NewItems(all[0].db, nil).Scan(ctx, time.Time{}, 0, 100_000)
	if err != nil {
		return err.Error()
	}
	for i, in := range all {
		if n := in.index.View().Len(); n != len(rows) {
			return fmt.Sprintf("instance %d has %d items of %d", i, n, len(rows))
		}
		for _, row := range rows {
			s, _ := in.shows(row.ID)
			same := s.Version == row.Version && s.State == row.State && s.Number == row.Number
			if !same || row.State != catalog.Removed && !s.Details.Equal(row.Details) {
				return fmt.Sprintf("instance %d has %+v, the table %+v", i, s, row)
			}
		}
	}
	return ""
}

func put(t *testing.T, in *instance, id catalog.ItemID, title string) {
	t.Helper()
	_, err := in.items.Put(ctx, id, catalog.Details{Title: title})
	require.NoError(t, err)
}

// lines is what was logged.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
