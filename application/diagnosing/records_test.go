package diagnosing_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/adminplane"
	"github.com/freshet/freshet/adapters/filestore"
	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/diagnosing"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/indexing"
	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/application/recounting"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/test/world"
)

// ward is a world in order, whose records are looked at.
type ward struct {
	*world.World
	*world.Process
}

func newWard(t *testing.T) *ward {
	w := world.New(t)
	p := w.Process()
	p.Stock(20)
	for i := range 5 {
		v := audience.ViewerID(fmt.Sprint("v", i))
		p.Record(p.Did(v, audience.Like, world.ItemID(1+i)))
		require.NoError(t, p.Decisions.Relate(t.Context(), v, audience.Follows, "a1"))
		p.Page(v, "")
	}
	_, err := p.Archivist.Drain(t.Context())
	require.NoError(t, err)
	_, err = p.Relay.Drain(t.Context())
	require.NoError(t, err)
	for {
		_, n, err := mysqlstore.NewTally(w.DB).Advance(t.Context(), 100)
		require.NoError(t, err)
		if n == 0 {
			break
		}
	}
	_, err = p.Viewers.Erase(t.Context(), "v4")
	require.NoError(t, err)
	return &ward{w, p}
}

func (w *ward) look(t *testing.T) map[string]diagnosing.Finding {
	t.Helper()
	db := w.DB
	checks := diagnosing.OfRecords(mysqlstore.NewCondition(db), mysqlstore.NewOutbox(db), mysqlstore.NewTally(db),
		recounting.NewCounts(mysqlstore.NewLedger(db)), mysqlstore.NewModels(db))
	all := map[string]diagnosing.Finding{}
	for _, f := range diagnosing.Examine(t.Context(), checks, time.Minute) {
		require.Equal(t, f.Status == diagnosing.OK || f.Status == diagnosing.Skipped, f.Do == "", "%v", f)
		all[f.Check] = f
	}
	return all
}

func (w *ward) sound(t *testing.T) {
	t.Helper()
	for _, f := range w.look(t) {
		require.Equal(t, diagnosing.OK, f.Status, "%v", f)
	}
}

// TestEveryCheckOfTheRecordsGoesRedAndGreenAgain changes the tables by hand, and back.
func TestEveryCheckOfTheRecordsGoesRedAndGreenAgain(t *testing.T) {
	hour := time.Hour.Milliseconds()
	now := time.Now().UnixMilli()
	for _, c := range []struct {
		name, check  string
		want         diagnosing.Status
		break_, mend []string
	}{
		{"tables of an older version", "schema", diagnosing.Fail,
			[]string{"CREATE TABLE kept AS SELECT * FROM goose_db_version", "DELETE FROM goose_db_version WHERE version_id > 5"},
			[]string{"DELETE FROM goose_db_version", "INSERT INTO goose_db_version SELECT * FROM kept"}},
		{"tables of a newer version", "schema", diagnosing.Warn,
			[]string{"INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)"}, []string{"DELETE FROM goose_db_version WHERE version_id = 99"}},
		{"a change that nobody relays", "outbox", diagnosing.Fail,
			[]string{fmt.Sprintf("INSERT INTO outbox (number, id, state, version, changed_at, details) VALUES (1, 'x', 1, 1, %d, '{}')", now-hour)}, []string{"DELETE FROM outbox"}},
		{"a change that has waited a little", "outbox", diagnosing.Warn,
			[]string{fmt.Sprintf("INSERT INTO outbox (number, id, state, version, changed_at, details) VALUES (1, 'x', 1, 1, %d, '{}')", now-10_000)}, []string{"DELETE FROM outbox"}},
		{"a dead letter", "dead-letters", diagnosing.Fail,
			[]string{"INSERT INTO dead_letters (seq, number, id, state, version, changed_at, details, failures, error, died_at, overtaken) VALUES (1, 1, 'x', 1, 5, 0, '{}', 3, 'e', 0, 5)"}, []string{"DELETE FROM dead_letters"}},
		{"a superseded one", "dead-letters", diagnosing.Warn,
			[]string{"INSERT INTO dead_letters (seq, number, id, state, version, changed_at, details, failures, error, died_at, overtaken) VALUES (1, 1, 'x', 1, 5, 0, '{}', 3, 'e', 0, 6)"}, []string{"DELETE FROM dead_letters"}},
		{"an offset given twice", "offsets", diagnosing.Fail,
			[]string{"UPDATE log_heads SET head = head - 3 WHERE name = 'events'"}, []string{"UPDATE log_heads SET head = head + 3 WHERE name = 'events'"}},
		{"a tally beyond the log", "offsets", diagnosing.Fail,
			[]string{"UPDATE log_heads SET head = head + 100 WHERE name = 'tally'"}, []string{"UPDATE log_heads SET head = head - 100 WHERE name = 'tally'"}},
		{"a count of the future", "offsets", diagnosing.Fail,
			[]string{"UPDATE log_heads SET head = head - 1 WHERE name = 'counts'"}, []string{"UPDATE log_heads SET head = head + 1 WHERE name = 'counts'"}},
		{"events that nobody counts", "tally", diagnosing.Fail,
			[]string{"UPDATE log_heads SET head = head + 1 WHERE name = 'events'", "INSERT INTO events SELECT (SELECT head FROM log_heads WHERE name = 'events')," +
				fmt.Sprintf(" 'uncounted', viewer, act, item, author, at, session, context, watched_ms, duration_ms, auto_presented, %d FROM events LIMIT 1", now-hour)},
			[]string{"UPDATE log_heads SET head = head - 1 WHERE name = 'events'", "DELETE FROM events WHERE event_id = 'uncounted'"}},
		{"follows that nobody sums", "followers", diagnosing.Warn,
			[]string{"INSERT INTO follow_changes (author, step) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= 10001) SELECT 'nobody', 0 FROM n"},
			[]string{"DELETE FROM follow_changes WHERE author = 'nobody'"}},
		{"a count that was changed", "counters", diagnosing.Fail,
			[]string{"UPDATE item_counts SET likes = likes + 1 WHERE item = 'i0001'"}, []string{"UPDATE item_counts SET likes = likes - 1 WHERE item = 'i0001'"}},
		{"a worker id given twice", "workers", diagnosing.Fail,
			[]string{fmt.Sprintf("INSERT INTO workers (worker, owner, until_ms, reach_ms) VALUES (1, 'a', %d, 0), (2, 'a', %d, 0)", now+30_000, now+30_000)}, []string{"DELETE FROM workers"}},
		{"a lease without an end", "workers", diagnosing.Fail,
			[]string{fmt.Sprintf("INSERT INTO workers (worker, owner, until_ms, reach_ms) VALUES (1, 'a', %d, 0)", now+hour)}, []string{"DELETE FROM workers"}},
		{"a worker whose clock is ahead", "workers", diagnosing.Warn,
			[]string{fmt.Sprintf("INSERT INTO workers (worker, owner, until_ms, reach_ms) VALUES (1, 'a', %d, %d)", now+30_000, now+hour)}, []string{"DELETE FROM workers"}},
		{"an event of before an erasure", "erasures", diagnosing.Fail,
			[]string{fmt.Sprintf("INSERT INTO ties (viewer, relation, author, at) VALUES ('v4', 2, 'a9', %d)", now-hour)}, []string{"DELETE FROM ties WHERE viewer = 'v4'"}},
		{"copies that nobody empties", "repairs", diagnosing.Warn,
			[]string{"INSERT INTO repairs (viewer, marks) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= 10001) SELECT 'r' || i, 1 FROM n"}, []string{"DELETE FROM repairs"}},
		{"a model that cannot be read", "model", diagnosing.Fail,
			[]string{"UPDATE log_heads SET head = 7 WHERE name = 'active_model'", "INSERT INTO models (version, head, parts) VALUES (7, 'nonsense', 1)"},
			[]string{"UPDATE log_heads SET head = 0 WHERE name = 'active_model'", "DELETE FROM models"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWard(t)
			w.sound(t)
			for _, statement := range c.break_ {
				w.SQL(statement)
			}
			found := w.look(t)
			require.Equal(t, c.want, found[c.check].Status, "%v", found[c.check])
			for name, f := range found {
				if name != c.check && found["schema"].Status == diagnosing.OK {
					require.Equal(t, diagnosing.OK, f.Status, "%v", f)
				}
			}
			for _, statement := range c.mend {
				w.SQL(statement)
			}
			w.sound(t)
		})
	}
}

func TestAViewerWhoCameBackAfterAnErasureIsNoFailure(t *testing.T) {
	w := newWard(t)
	w.Record(w.Did("v4", audience.Like, world.ItemID(9)))
	for {
		if _, n, err := mysqlstore.NewTally(w.DB).Advance(t.Context(), 100); err != nil || n == 0 {
			require.NoError(t, err)
			break
		}
	}
	w.sound(t)
}

func TestAnInstanceWhoseIndexIsNotTheCatalogueIsTold(t *testing.T) {
	w := newWard(t)
	index := memindex.New()
	plane := httptest.NewServer(http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/index/digest" {
			http.NotFound(to, r)
			return
		}
		d := index.Digest()
		fmt.Fprintf(to, `{"items":%d,"sum":"%016x"}`, d.Items, d.Sum)
	}))
	defer plane.Close()
	client := plane.Client()
	defer client.CloseIdleConnections()
	look := func(url string) diagnosing.Finding {
		return diagnosing.Examine(t.Context(), []diagnosing.Check{diagnosing.OfInstance(url, mysqlstore.NewCondition(w.DB), adminplane.New(client, ""))}, time.Minute)[0]
	}
	catalogue := mysqlstore.NewItems(w.DB, w.Numbers)
	items, err := catalogue.Scan(t.Context(), time.Time{}, 0, 100)
	require.NoError(t, err)
	index.Apply(items[1:])
	require.Equal(t, diagnosing.Fail, look(plane.URL).Status, "one is missing")
	index.Apply(items)
	f := look(plane.URL)
	require.Equal(t, diagnosing.OK, f.Status, "%v", f)
	w.SQL("UPDATE items SET version = version + 1 WHERE id = 'i0005'")
	require.Equal(t, diagnosing.Fail, look(plane.URL).Status, "one is newer")
	w.SQL("UPDATE items SET version = version - 1 WHERE id = 'i0005'")
	require.NoError(t, w.Items.Hide(t.Context(), world.ItemID(3)))
	require.Equal(t, diagnosing.Fail, look(plane.URL).Status, "one is hidden now")
	items, err = catalogue.Scan(t.Context(), time.Time{}, 0, 100)
	require.NoError(t, err)
	index.Apply(items)
	require.Equal(t, diagnosing.OK, look(plane.URL).Status)
	f = look(plane.URL + "/elsewhere")
	require.Equal(t, diagnosing.Fail, f.Status)
	require.Contains(t, f.Seen, "404")
}

func TestASnapshotOfAnotherDatabaseIsTold(t *testing.T) {
	w := newWard(t)
	_, err := w.Learner.CatchUp(t.Context())
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "learned.snapshot")
	file, log := filestore.NewSnapshot(path), mysqlstore.NewEventLog(w.DB)
	look := func() diagnosing.Finding {
		return diagnosing.Examine(t.Context(), []diagnosing.Check{diagnosing.OfSnapshot(file.Look, log)}, time.Minute)[0]
	}
	require.Equal(t, diagnosing.Skipped, look().Status)
	heard := erasing.NewHeard(mysqlstore.NewErasures(w.DB))
	_, err = learning.NewNotebook(w.Room, w.Signals, file, log, heard, w.Clock.Now, nil).Save(t.Context())
	require.NoError(t, err)
	f := look()
	require.Equal(t, diagnosing.OK, f.Status, "%v", f)

	w.SQL("UPDATE events SET event_id = event_id || '-of-another'")
	require.Equal(t, diagnosing.Warn, look().Status)
	w.SQL("UPDATE events SET event_id = REPLACE(event_id, '-of-another', '')")
	require.Equal(t, diagnosing.OK, look().Status)
	require.NoError(t, os.Truncate(path, 20))
	require.Equal(t, diagnosing.Warn, look().Status, "cut off")
}

func TestASnapshotOfAnotherCatalogueIsTold(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	items := mysqlstore.NewItems(w.DB, w.Numbers)
	path := filepath.Join(t.TempDir(), "catalogue.snapshot")
	file := filestore.NewSnapshot(path)
	whose := uint64(7)
	look := func() diagnosing.Finding {
		check := diagnosing.OfCatalogue(file.Look, func(context.Context) (uint64, error) { return whose, nil }, items, w.Clock.Now)
		return diagnosing.Examine(t.Context(), []diagnosing.Check{check}, time.Minute)[0]
	}
	require.Equal(t, diagnosing.Skipped, look().Status)
	p.Stock(5)
	_, err := p.Keeper.Build(t.Context())
	require.NoError(t, err)
	_, err = indexing.NewInventory(p.Keeper, p.Index, file, indexing.InventoryOptions{Whose: 7, Most: 1 << 20}).Save(t.Context())
	require.NoError(t, err)
	w.Clock.Advance(time.Hour)
	found := look()
	require.Equal(t, diagnosing.OK, found.Status)
	require.Equal(t, "of this database, written 1h0m0s ago", found.Seen)
	whose = 8
	require.Equal(t, diagnosing.Warn, look().Status)
	require.NoError(t, os.WriteFile(path, []byte("nothing of the kind"), 0o600))
	require.Equal(t, diagnosing.Warn, look().Status)
}
