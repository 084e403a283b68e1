package mysqlstore

import (
	"fmt"
	"strconv"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/catalog"
)

// factRow is a row of the outbox, and what became of it.
type factRow struct {
	seq     int64
	item    catalog.ItemID // whatever else can be read
	fact    catalog.Snapshot
	outcome error
}

// factsIn reads rows of the outbox, in order. What of a row cannot be read is the row's outcome.
func factsIn(tx *gorm.DB, seqs []int64) (all []factRow, err error) {
	rows, err := tx.Raw("SELECT "+factColumns+" FROM outbox WHERE seq IN ? ORDER BY seq", padded(seqs)).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r factRow
		var cells looseRow
		if err := rows.Scan(&r.seq, &cells.number, &cells.id, &cells.state, &cells.version, &cells.changedAt, &cells.details, &cells.payload); err != nil {
			return nil, err
		}
		r.item = catalog.ItemID(loose(cells.id))
		r.fact, r.outcome = cells.fact()
		all = append(all, r)
	}
	return all, rows.Err()
}

// looseRow is a row whose cells hold what they should not: SQLite takes anything, and an operator writes anything.
type looseRow struct {
	number, id, state, version, changedAt any
	details, payload                      []byte
}

func (c *looseRow) fact() (catalog.Snapshot, error) {
	row := ItemRow{ID: catalog.ItemID(loose(c.id)), Details: c.details, Payload: c.payload}
	if _, err := catalog.ParseItemID(string(row.ID)); err != nil {
		return catalog.Snapshot{}, err
	}
	number, err := whole("number", c.number, 1)
	if err != nil {
		return catalog.Snapshot{}, err
	}
	version, err := whole("version", c.version, 1)
	if err != nil {
		return catalog.Snapshot{}, err
	}
	state, err := whole("state", c.state, int64(catalog.Published))
	if err != nil {
		return catalog.Snapshot{}, err
	}
	if state > int64(catalog.Removed) {
		return catalog.Snapshot{}, catalog.ErrState.Saying("state %d", state)
	}
	if row.ChangedAt, err = whole("changed_at", c.changedAt, 0); err != nil {
		return catalog.Snapshot{}, err
	}
	row.Number, row.Version, row.State = catalog.Number(number), uint64(version), catalog.State(state)
	return row.Item()
}

func loose(cell any) string {
	switch v := cell.(type) {
	case []byte:
		return string(v)
	case string:
		return v
	}
	return fmt.Sprint(cell)
}

func whole(column string, cell any, least int64) (int64, error) {
	n, err := strconv.ParseInt(loose(cell), 10, 64)
	if err != nil || n < least {
		return 0, fmt.Errorf("column %s holds %q", column, loose(cell))
	}
	return n, nil
}
