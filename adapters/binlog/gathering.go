package binlog

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"

	"github.com/freshet/freshet/application/capturing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// gathering makes batches of events: it tells what came by the commands, which leave a fact in the outbox or mark the
// viewer, from what was changed past them.
type gathering struct {
	database string
	done     mysql.GTIDSet // up to here all is in batches
	log      *slog.Logger
	columns  map[*replication.TableMapEvent]map[string]int
	named    map[string]bool // tables that were passed over and said so

	open transaction
	next mysql.GTIDSet // that of the open transaction, nil before the first
	rows int           // in the batch under way

	made    capturing.Batch
	ended   bool
	changed map[catalog.ItemID]*capturing.Change
	viewers map[audience.ViewerID]bool
}

// transaction is what was read of one that has not ended.
type transaction struct {
	rows      int
	told      map[catalog.ItemID][]uint64
	items     map[catalog.ItemID]*steps
	viewers   map[audience.ViewerID]bool
	commanded map[audience.ViewerID]bool
	foreign   bool
}

// steps are what a transaction did to one item.
type steps struct {
	capturing.Change
	versions []uint64 // that it was given, each of which a command would tell of
	past     bool     // no command does this
}

func newGathering(database string, done mysql.GTIDSet, log *slog.Logger) *gathering {
	g := &gathering{database: database, done: done.Clone(), log: log, columns: map[*replication.TableMapEvent]map[string]int{}, named: map[string]bool{}}
	g.reset()
	g.begin()
	return g
}

func (g *gathering) begin() {
	g.open = transaction{
		told: map[catalog.ItemID][]uint64{}, items: map[catalog.ItemID]*steps{},
		viewers: map[audience.ViewerID]bool{}, commanded: map[audience.ViewerID]bool{},
	}
	clear(g.columns) // a table may have others in the next one
}

func (g *gathering) reset() {
	g.made = capturing.Batch{Rows: map[capturing.Kind]int{}}
	g.rows, g.ended = 0, false
	g.changed, g.viewers = map[catalog.ItemID]*capturing.Change{}, map[audience.ViewerID]bool{}
}

// ready reports that there is something to hand out.
func (g *gathering) ready() bool {
	return len(g.made.Told)+g.made.Unread+len(g.changed)+len(g.viewers) > 0 || g.made.Missed != "" || g.ended && g.made.Foreign || g.rows >= batchRows
}

// batch hands out what has ended.
func (g *gathering) batch() capturing.Batch {
	b := g.made
	if g.ended {
		b.Position = g.done.String()
	}
	for _, id := range slices.Sorted(maps.Keys(g.changed)) {
		b.Changed = append(b.Changed, *g.changed[id])
	}
	b.Viewers = slices.Sorted(maps.Keys(g.viewers))
	g.reset()
	return b
}

func (g *gathering) take(e *replication.BinlogEvent) {
	switch event := e.Event.(type) {
	case *replication.MariadbGTIDEvent:
		g.start(event)
	case *replication.GTIDEvent:
		g.start(event)
	case *replication.GtidTaggedLogEvent:
		g.start(event)
	case *replication.RowsEvent:
		g.read(event)
	case *replication.TransactionPayloadEvent:
		for _, inner := range event.Events {
			g.take(inner)
		}
	case *replication.XIDEvent:
		g.end(e.Header.Timestamp)
	case *replication.QueryEvent:
		g.query(event, e.Header.Timestamp)
	}
}

// start begins a transaction; one whose end was not seen has ended.
func (g *gathering) start(event mysql.BinlogGTIDEvent) {
	if g.next != nil {
		g.end(0)
	}
	next, err := event.GTIDNext()
	if err != nil {
		g.made.Missed = err.Error()
		return
	}
	g.next = next
}

// end puts what the transaction did into the batch.
func (g *gathering) end(at uint32) {
	g.part()
	if g.next == nil {
		return
	}
	if err := g.done.Update(g.next.String()); err != nil {
		g.made.Missed = err.Error()
	}
	g.next, g.ended = nil, true
	if at > 0 {
		g.made.At = time.Unix(int64(at), 0)
	}
}

// part hands on what was read of the transaction so far, as if it ended here.
func (g *gathering) part() {
	t := g.open
	for id, s := range t.items {
		untold := func(v uint64) bool { return !slices.Contains(t.told[id], v) }
		if !s.past && !slices.ContainsFunc(s.versions, untold) {
			continue
		}
		into := g.changed[id]
		if into == nil {
			into = &capturing.Change{ID: id}
			g.changed[id] = into
		}
		into.Floor = max(into.Floor, s.Floor)
		into.Number = s.Number
	}
	for viewer := range t.viewers {
		if !t.commanded[viewer] {
			g.viewers[viewer] = true
		}
	}
	g.made.Foreign = g.made.Foreign || t.foreign
	g.begin()
}

func (g *gathering) read(e *replication.RowsEvent) {
	t := e.Table
	name := string(t.Table)
	if string(t.Schema) == g.database && slices.Contains(own, name) {
		return
	}
	g.open.foreign = true
	if !followed(g.database, t) {
		g.passOver(t)
		return
	}
	columns := g.columns[t]
	if columns == nil {
		columns = columnsOf(t)
		g.columns[t] = columns
	}
	if len(columns) == 0 {
		g.made.Missed = "rows of " + name + " without the names of their columns (binlog_row_metadata)"
		return
	}
	for _, skipped := range e.SkippedColumns {
		if len(skipped) > 0 {
			g.made.Missed = "rows of " + name + " that are not whole (binlog_row_image)"
			return
		}
	}
	if err := g.each(e, name, columns); err != nil {
		g.made.Missed = fmt.Sprintf("rows of %s: %v", name, err)
	}
}

func (g *gathering) each(e *replication.RowsEvent, table string, columns map[string]int) error {
	kind, width := e.Type(), 1
	if kind == replication.EnumRowsEventTypeUpdate {
		width = 2
	}
	for i := 0; i+width <= len(e.Rows); i += width {
		g.rows++
		g.open.rows++
		g.made.Rows[capturing.Kind{Table: table, Kind: kind.String()}]++
		var before, after *image
		first := &image{columns, e.Rows[i]}
		switch kind {
		case replication.EnumRowsEventTypeInsert:
			after = first
		case replication.EnumRowsEventTypeDelete:
			before = first
		default:
			before, after = first, &image{columns, e.Rows[i+1]}
		}
		if err := g.row(table, before, after); err != nil {
			return err
		}
	}
	return nil
}

// passOver says so, once for each table.
func (g *gathering) passOver(t *replication.TableMapEvent) {
	name := string(t.Schema) + "." + string(t.Table)
	if string(t.Schema) != g.database || g.named[name] {
		return
	}
	g.named[name] = true
	g.log.Info("changes of a table are not followed", "table", name)
}
