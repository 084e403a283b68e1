package binlog

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/capturing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

func of(cells map[string]any) *image {
	r := &image{columns: map[string]int{}}
	for name, cell := range cells {
		r.columns[name] = len(r.cells)
		r.cells = append(r.cells, cell)
	}
	return r
}

func itemImage(id string, number, version int64) *image {
	return of(map[string]any{
		"seq": 10 * version, "id": id, "number": number, "version": version, "state": int8(1), "changed_at": int64(1000),
		"details": []byte(`{"t":"T"}`), "payload": nil,
	})
}

func viewerImage(id string) *image { return of(map[string]any{"viewer": []byte(id)}) }

type step struct {
	table         string
	before, after *image
}

// gathered is the batch of one transaction.
func gathered(t *testing.T, flavour string, at string, start mysql.BinlogGTIDEvent, steps ...step) capturing.Batch {
	t.Helper()
	done, err := mysql.ParseGTIDSet(flavour, at)
	require.NoError(t, err)
	g := newGathering("f", done, slog.New(slog.DiscardHandler))
	g.start(start)
	for _, s := range steps {
		require.NoError(t, g.row(s.table, s.before, s.after))
	}
	g.take(&replication.BinlogEvent{Header: &replication.EventHeader{Timestamp: 1700000000}, Event: &replication.XIDEvent{}})
	return g.batch()
}

func inMariaDB(t *testing.T, steps ...step) capturing.Batch {
	t.Helper()
	e := &replication.MariadbGTIDEvent{GTID: mysql.MariadbGTID{DomainID: 0, ServerID: 1, SequenceNumber: 8}}
	return gathered(t, mysql.MariaDBFlavor, "0-1-7", e, steps...)
}

func TestCommandsAreToldFromWhatIsDonePastThem(t *testing.T) {
	change := func(id string, number catalog.Number, floor uint64) []capturing.Change {
		return []capturing.Change{{ID: catalog.ItemID(id), Number: number, Floor: floor}}
	}
	a := itemImage
	for _, c := range []struct {
		name    string
		steps   []step
		told    int
		changed []capturing.Change
	}{
		{"a command", []step{{"items", a("a", 1, 4), a("a", 1, 5)}, {"outbox", nil, a("a", 1, 5)}}, 1, nil},
		{"a command that creates", []step{{"items", nil, a("a", 1, 1)}, {"outbox", nil, a("a", 1, 1)}}, 1, nil},
		{"a command of two facts", []step{{"items", a("a", 1, 4), a("a", 1, 6)}, {"outbox", nil, a("a", 1, 5)}, {"outbox", nil, a("a", 1, 6)}}, 2, nil},
		{"the same version", []step{{"items", a("a", 1, 4), a("a", 1, 4)}}, 0, change("a", 1, 4)},
		{"a higher one that nobody tells of", []step{{"items", a("a", 1, 4), a("a", 1, 5)}}, 0, change("a", 1, 5)},
		{"a higher one, and another is told", []step{{"items", a("a", 1, 4), a("a", 1, 5)}, {"outbox", nil, a("b", 2, 5)}}, 1, change("a", 1, 5)},
		{"a lower one", []step{{"items", a("a", 1, 4), a("a", 1, 1)}}, 0, change("a", 1, 4)},
		{"a row that goes", []step{{"items", a("a", 1, 4), nil}}, 0, change("a", 1, 4)},
		{"a row that comes", []step{{"items", nil, a("a", 9, 1)}}, 0, change("a", 9, 1)},
		{"a row that goes and comes", []step{{"items", a("a", 1, 4), nil}, {"items", nil, a("a", 9, 1)}}, 0, change("a", 9, 4)},
		{"another number", []step{{"items", a("a", 1, 4), a("a", 2, 5)}, {"outbox", nil, a("a", 2, 5)}}, 1, change("a", 2, 5)},
		{"what was delivered leaves the outbox", []step{{"outbox", a("a", 1, 4), nil}}, 0, nil},
	} {
		b := inMariaDB(t, c.steps...)
		require.Len(t, b.Told, c.told, c.name)
		require.Equal(t, c.changed, b.Changed, c.name)
		require.Equal(t, "0-1-8", b.Position, c.name)
		require.Equal(t, time.Unix(1700000000, 0), b.At, c.name)
	}
	b := inMariaDB(t, step{"items", a("a", 1, 4), a("b", 1, 4)})
	require.Equal(t, append(change("a", 0, 4), change("b", 1, 4)...), b.Changed, "another id: the number went with it")
	b = inMariaDB(t, step{"outbox", nil, a("a", 1, 5)})
	require.EqualValues(t, 50, b.Told[0].Seq)
	require.Equal(t, "T", b.Told[0].Item.Details.Title)
}

func TestViewersThatCommandsChangedAreLeftAlone(t *testing.T) {
	v, w := viewerImage("v"), viewerImage("w")
	require.Empty(t, inMariaDB(t, step{"viewers", nil, v}, step{"ties", nil, v}, step{"decisions", v, v}).Viewers)
	require.Equal(t, []audience.ViewerID{"v", "w"}, inMariaDB(t, step{"ties", v, w}, step{"decisions", v, nil}).Viewers)
	require.Equal(t, []audience.ViewerID{"w"}, inMariaDB(t, step{"viewers", v, v}, step{"ties", v, nil}, step{"ties", w, nil}).Viewers)
}

func TestPositionsOfMySQLGoOn(t *testing.T) {
	sid := []byte{0x3e, 0x11, 0xfa, 0x47, 0x71, 0xca, 0x11, 0xe1, 0x9e, 0x33, 0xc8, 0x0a, 0xa9, 0x42, 0x95, 0x62}
	const at = "3e11fa47-71ca-11e1-9e33-c80aa9429562"
	b := gathered(t, mysql.MySQLFlavor, at+":1-7", &replication.GTIDEvent{SID: sid, GNO: 8}, step{"items", itemImage("a", 1, 1), nil})
	require.Equal(t, at+":1-8", b.Position)
	require.Len(t, b.Changed, 1)
}

func TestATransactionCountsOnceItHasEnded(t *testing.T) {
	done, err := mysql.ParseGTIDSet(mysql.MariaDBFlavor, "0-1-7")
	require.NoError(t, err)
	g := newGathering("f", done, slog.New(slog.DiscardHandler))
	g.start(&replication.MariadbGTIDEvent{GTID: mysql.MariadbGTID{ServerID: 1, SequenceNumber: 8}})
	require.NoError(t, g.row("items", itemImage("a", 1, 1), nil))
	require.False(t, g.ready())
	require.Empty(t, g.batch().Position)
	g.part()
	require.True(t, g.ready(), "but a long one is handed on in parts")
	b := g.batch()
	require.Len(t, b.Changed, 1)
	require.Empty(t, b.Position, "to be read again from where it began")
	g.end(1)
	require.Equal(t, "0-1-8", g.batch().Position)
}

func TestCellsComeInManyForms(t *testing.T) {
	for _, cell := range []any{int8(7), int16(7), int32(7), int64(7), uint8(7), uint16(7), uint32(7), uint64(7)} {
		n, err := of(map[string]any{"n": cell}).integer("n")
		require.NoError(t, err)
		require.EqualValues(t, 7, n)
	}
	for _, cell := range []any{"x", []byte("x")} {
		text, err := of(map[string]any{"n": cell}).text("n")
		require.NoError(t, err)
		require.Equal(t, "x", string(text))
	}
	for name, err := range map[string]error{
		"no such column": func() error { _, err := of(nil).text("n"); return err }(),
		"not a number":   func() error { _, err := of(map[string]any{"n": "7"}).integer("n"); return err }(),
		"not a text":     func() error { _, err := of(map[string]any{"n": 7.5}).text("n"); return err }(),
	} {
		require.Error(t, err, name)
	}
	_, err := of(map[string]any{"id": "a", "number": int64(1), "version": int64(1), "state": int8(1), "changed_at": int64(1), "details": []byte("no"), "payload": nil}).item()
	require.ErrorContains(t, err, fmt.Sprintf("item %q", "a"))
}

// A fact that cannot be read is no gap: what was read is told, the item was changed by a command, and the relay finds the row.
func TestAFactThatCannotBeReadIsLeftToTheRelay(t *testing.T) {
	broken := itemImage("a", 1, 5)
	broken.cells[broken.columns["details"]] = []byte("{")
	b := inMariaDB(t, step{"items", itemImage("a", 1, 4), itemImage("a", 1, 5)}, step{"outbox", nil, broken}, step{"outbox", nil, itemImage("b", 2, 7)})
	require.Empty(t, b.Missed)
	require.Empty(t, b.Changed)
	require.Equal(t, 1, b.Unread)
	require.Len(t, b.Told, 1)
	require.Equal(t, catalog.ItemID("b"), b.Told[0].Item.ID)
}
