package mysqlstore

import (
	"errors"
	"fmt"
	"strings"

	"github.com/libtnb/sqlite"
	"gorm.io/gorm"
)

// The size of one statement. SQLite's driver takes time quadratic in the number of variables.
const (
	bulkRows        = 2000
	bulkBytes       = 1 << 20
	listIDs         = 500
	sqliteVariables = 400
)

// bulk writes many rows of one table by few statements, in order.
type bulk struct {
	tx     *gorm.DB
	insert string // up to VALUES
	row    string // (?,?,?)
	clash  string
	args   []any
	text   *writtenRows // the rows in the statement itself; nil: they are variables
	most   int          // rows of one statement
	long   int          // bytes of one
	rows   int
	bytes  int
	err    error
}

func newBulk(tx *gorm.DB, table, clash string, columns ...string) *bulk {
	most := bulkRows
	if tx.Name() == sqlite.DriverName {
		most = max(1, sqliteVariables/len(columns))
	}
	return &bulk{
		tx: tx, most: most, long: bulkBytes,
		insert: "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES ",
		row:    "(" + strings.Repeat("?,", len(columns)-1) + "?)",
		clash:  clash,
	}
}

// newPlainBulk is for rows of short texts and whole numbers alone. MySQL gets them in the statement, which is a fraction of the work
// that variables are.
func newPlainBulk(tx *gorm.DB, table, clash string, columns ...string) *bulk {
	b := newBulk(tx, table, clash, columns...)
	if tx.Name() != sqlite.DriverName {
		b.text = takeWrittenRows()
	}
	return b
}

// add takes one row and sends what is full; an error shows in flush.
func (b *bulk) add(values ...any) {
	b.put(values...)
	if b.full() {
		b.send()
	}
}

// put takes one row and sends nothing.
func (b *bulk) put(values ...any) {
	b.begin()
	for _, v := range values {
		switch v := v.(type) {
		case string:
			b.word(v)
		case int64:
			b.number(v)
		case int:
			b.number(int64(v))
		default:
			b.value(v)
		}
	}
	b.end()
}

// begin begins a row, whose values follow, and end ends it.
func (b *bulk) begin() {
	if b.text != nil {
		b.text.begin(b.rows)
	}
}

func (b *bulk) word(s string) {
	if b.bytes += len(s); b.text != nil {
		b.text.word(s)
		return
	}
	b.args = append(b.args, s)
}

func (b *bulk) number(n int64) {
	if b.text != nil {
		b.text.number(n)
		return
	}
	b.args = append(b.args, n)
}

func (b *bulk) value(v any) {
	if bytes, ok := v.([]byte); ok {
		b.bytes += len(bytes)
	}
	if b.text != nil {
		b.err = errors.Join(b.err, fmt.Errorf("a %T is neither a text nor a whole number", v))
	}
	b.args = append(b.args, v)
}

func (b *bulk) end() {
	b.rows++
	if b.text != nil {
		b.text.end()
	}
}

// full reports that what was put is enough for one statement.
func (b *bulk) full() bool { return b.rows >= b.most || b.bytes >= b.long }

// flush sends the rest and answers the first error since the last flush; rows that came after it are lost. What is put after it needs
// another flush.
func (b *bulk) flush() error {
	b.send()
	err := b.err
	b.err = nil
	return err
}

func (b *bulk) send() {
	if b.rows > 0 && b.err == nil {
		b.err = run(b.tx, b.statement(), b.args)
	}
	b.args, b.rows, b.bytes = b.args[:0], 0, 0
	if b.text != nil {
		b.text.b = b.text.b[:0]
	}
}

func (b *bulk) statement() string {
	if b.text == nil {
		return b.insert + strings.Repeat(b.row+",", b.rows-1) + b.row + b.clash
	}
	return b.insert + string(b.text.b) + b.clash
}

// free lets others use the memory; nothing is put after it.
func (b *bulk) free() {
	if b.text != nil {
		b.text.free()
	}
}

// run executes a statement as it stands: gorm would parse every variable again.
func run(tx *gorm.DB, statement string, args []any) error {
	_, err := tx.Statement.ConnPool.ExecContext(tx.Statement.Context, statement, args...)
	if t, ok := tx.Dialector.(gorm.ErrorTranslator); ok && err != nil {
		return t.Translate(err)
	}
	return err
}

// chunks calls do with parts of ids short enough for one IN list, until one fails.
func chunks[S ~[]E, E any](ids S, do func(S) error) error {
	for len(ids) > 0 {
		n := min(len(ids), listIDs)
		if err := do(ids[:n]); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// padded repeats the last id until their number is a power of two, so that few different
// statements are prepared.
func padded[S ~[]E, E any](ids S) S {
	n := 1
	for n < len(ids) {
		n *= 2
	}
	out := append(make(S, 0, n), ids...)
	for len(out) < n && len(ids) > 0 {
		out = append(out, ids[len(ids)-1])
	}
	return out
}
