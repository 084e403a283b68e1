package mysqlstore

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

// branches is how many viewers one statement asks for. Each has a part of its own, which is read along the index to its own limit.
const branches = 32

// branched repeats a part for each viewer; its places are for which of the viewers it is and for the viewer.
func (d dialect) branched(ids []audience.ViewerID, part string) (query string, args []any) {
	part = "(" + part + ")"
	if d == sqliteDialect {
		part = "SELECT * FROM " + part // and MySQL would fill a table for each
	}
	parts := make([]string, branches)
	for i := range parts {
		parts[i] = part
		id := "" // nobody's, so that one statement is prepared for any number of viewers
		if i < len(ids) {
			id = string(ids[i])
		}
		args = append(args, i, id)
	}
	return strings.Join(parts, " UNION ALL "), args
}

// viewersOf is viewerAt for many.
func viewersOf(tx *gorm.DB, ids []audience.ViewerID, into []audience.Knowledge) error {
	rows, err := tx.Raw(`SELECT viewer, 0 AS direction, relation AS kind, author AS name, at FROM ties WHERE viewer IN ?
		UNION ALL SELECT viewer, direction, kind, target AS name, at FROM decisions WHERE viewer IN ?`, padded(ids), padded(ids)).Rows()
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	ties, decisions := make(map[audience.ViewerID][]audience.Tie), make(map[audience.ViewerID][]audience.Decision)
	for rows.Next() {
		var (
			viewer    audience.ViewerID
			direction int8
			kind      uint8
			name      string
			at        int64
		)
		if err := rows.Scan(&viewer, &direction, &kind, &name, &at); err != nil {
			return err
		}
		if direction == 0 {
			ties[viewer] = append(ties[viewer], audience.Tie{Relation: audience.Relation(kind), Author: catalog.AuthorID(name), At: timeOf(at)})
			continue
		}
		decisions[viewer] = append(decisions[viewer], audience.Decision{
			Target:    audience.Target{Kind: audience.TargetKind(kind), ID: name},
			Direction: audience.Direction(direction), At: timeOf(at),
		})
	}
	for i, id := range ids {
		into[i].Viewer = audience.NewViewer(id, ties[id], decisions[id])
	}
	return rows.Err()
}

// pastsOf is pastOf for up to branches viewers.
func (d dialect) pastsOf(tx *gorm.DB, ids []audience.ViewerID) ([]*past, error) {
	query, args := d.branched(ids, `SELECT ? AS nth, e.pos, e.act, e.item, e.at, e.session, e.watched_ms, e.duration_ms FROM events e
		WHERE e.viewer = ? ORDER BY e.pos DESC LIMIT `+strconv.Itoa(recallPage))
	rows, err := tx.Raw(query, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	events := make([][]engagement.Logged, len(ids))
	for rows.Next() {
		var (
			nth                   int
			e                     engagement.Logged
			at, watched, duration int64
		)
		if err := rows.Scan(&nth, &e.Offset, &e.Act, &e.Item, &at, &e.Session, &watched, &duration); err != nil {
			return nil, err
		}
		e.At, e.Watched, e.Duration = timeOf(at), time.Duration(watched)*time.Millisecond, time.Duration(duration)*time.Millisecond
		events[nth] = append(events[nth], e)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	pasts := make([]*past, len(ids))
	for i, some := range events {
		p := newPast()
		slices.SortFunc(some, func(a, b engagement.Logged) int { return cmp.Compare(b.Offset, a.Offset) })
		for j := range some {
			p.take(&some[j].Event)
		}
		if len(some) == recallPage { // there may be more
			if err := p.read(tx, ids[i], time.Time{}, int64(some[recallPage-1].Offset), recallPage); err != nil {
				return nil, err
			}
		}
		pasts[i], events[i] = p, nil
	}
	return pasts, nil
}

// servedPages is how many of a viewer's pages are read at first: with pages of twenty they hold all that is remembered.
const servedPages = 24

type servedRow struct {
	Nth      int
	ServedAt int64
	Session  string
	Page     int
	Numbers  []byte
}

// servedToAll is servedTo for up to branches viewers.
func (d dialect) servedToAll(tx *gorm.DB, ids []audience.ViewerID) ([][]audience.Mark, error) {
	query, args := d.branched(ids, `SELECT ? AS nth, served_at, session, page, numbers FROM pages
		WHERE viewer = ? ORDER BY served_at DESC, session DESC, page DESC LIMIT `+strconv.Itoa(servedPages))
	var rows []servedRow
	if err := tx.Raw(query, args...).Scan(&rows).Error; err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b servedRow) int {
		return cmp.Or(cmp.Compare(a.Nth, b.Nth), cmp.Compare(b.ServedAt, a.ServedAt), cmp.Compare(b.Session, a.Session), cmp.Compare(b.Page, a.Page))
	})
	served, pages := make([][]audience.Mark, len(ids)), make([]int, len(ids))
	for _, row := range rows {
		served[row.Nth] = appendPageMarks(served[row.Nth], row.ServedAt, row.Numbers)
		pages[row.Nth]++
	}
	for i := range served {
		if pages[i] == servedPages && len(served[i]) < audience.MaxServed { // there may be more
			var err error
			if served[i], err = servedTo(tx, ids[i], time.Time{}); err != nil {
				return nil, err
			}
			continue
		}
		slices.Reverse(served[i])
	}
	return served, nil
}
