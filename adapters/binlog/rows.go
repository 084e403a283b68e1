package binlog

import (
	"fmt"
	"slices"

	"github.com/go-mysql-org/go-mysql/replication"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// The tables that are followed: what is told of them is all they are read for.
var tables = []string{"items", "outbox", "ties", "decisions", "viewers"}

// own are tables that readers write to for themselves.
var own = []string{"captures"}

func followed(database string, t *replication.TableMapEvent) bool {
	return t != nil && string(t.Schema) == database && slices.Contains(tables, string(t.Table))
}

// image is one row as it was or is, by the names of its columns.
type image struct {
	columns map[string]int
	cells   []any
}

func columnsOf(t *replication.TableMapEvent) map[string]int {
	names := t.ColumnNameString()
	columns := make(map[string]int, len(names))
	for i, name := range names {
		columns[name] = i
	}
	return columns
}

func (r image) cell(column string) (any, error) {
	i, ok := r.columns[column]
	if !ok || i >= len(r.cells) {
		return nil, fmt.Errorf("a row without the column %s", column)
	}
	return r.cells[i], nil
}

func (r image) text(column string) ([]byte, error) {
	cell, err := r.cell(column)
	if err != nil {
		return nil, err
	}
	switch v := cell.(type) {
	case nil:
		return nil, nil
	case []byte:
		return v, nil
	case string:
		return []byte(v), nil
	}
	return nil, fmt.Errorf("column %s holds a %T", column, cell)
}

func (r image) integer(column string) (int64, error) {
	cell, err := r.cell(column)
	if err != nil {
		return 0, err
	}
	switch v := cell.(type) {
	case int8:
		return int64(v), nil
	case int16:
		return int64(v), nil
	case int32:
		return int64(v), nil
	case int64:
		return v, nil
	case uint8:
		return int64(v), nil
	case uint16:
		return int64(v), nil
	case uint32:
		return int64(v), nil
	case uint64:
		return int64(v), nil
	}
	return 0, fmt.Errorf("column %s holds a %T", column, cell)
}

// key is what tells which item a row is, and in which version.
type key struct {
	id      catalog.ItemID
	number  catalog.Number
	version uint64
}

func (r image) key() (k key, err error) {
	id, err := r.text("id")
	if err != nil {
		return k, err
	}
	number, err := r.integer("number")
	if err != nil {
		return k, err
	}
	version, err := r.integer("version")
	return key{catalog.ItemID(id), catalog.Number(max(0, number)), uint64(max(0, version))}, err
}

func (r image) viewer() (audience.ViewerID, error) {
	id, err := r.text("viewer")
	return audience.ViewerID(id), err
}

func (r image) item() (catalog.Snapshot, error) {
	k, err := r.key()
	if err != nil {
		return catalog.Snapshot{}, err
	}
	row := mysqlstore.ItemRow{Number: k.number, ID: k.id, Version: k.version}
	state, err := r.integer("state")
	if err != nil {
		return catalog.Snapshot{}, err
	}
	row.State = catalog.State(state)
	if row.ChangedAt, err = r.integer("changed_at"); err != nil {
		return catalog.Snapshot{}, err
	}
	if row.Details, err = r.text("details"); err != nil {
		return catalog.Snapshot{}, err
	}
	if row.Payload, err = r.text("payload"); err != nil {
		return catalog.Snapshot{}, err
	}
	return row.Item()
}
