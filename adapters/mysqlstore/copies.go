package mysqlstore

import (
	"context"

	"gorm.io/gorm"

	"github.com/freshet/freshet/application/copying"
	"github.com/freshet/freshet/domain/engagement"
)

// Copies are the copying.Records: events that were taken in elsewhere, at the offsets they have there. While there are any, nobody
// may append to the EventLog.
type Copies struct{ db *DB }

// NewCopies works on db.
func NewCopies(db *DB) *Copies { return &Copies{db} }

// Mark implements copying.Records.
func (c *Copies) Mark(ctx context.Context) (m copying.Mark, err error) {
	err = c.db.read(ctx, func(tx *gorm.DB) error {
		m, err = markIn(tx)
		return err
	})
	return m, err
}

// markIn reads the mark in one statement, so that its parts are of one commit.
func markIn(tx *gorm.DB) (m copying.Mark, err error) {
	var heads []struct {
		Name string
		Head int64
	}
	err = tx.Raw("SELECT name, head FROM log_heads WHERE name IN ('events', 'copied_records', 'copied_window')").Scan(&heads).Error
	if err == nil && len(heads) != 3 {
		err = errNoHead("copied_records")
	}
	for _, h := range heads {
		switch h.Name {
		case "events":
			m.Offset = engagement.Offset(h.Head)
		case "copied_records":
			m.Record = h.Head
		case "copied_window":
			m.Window = int(h.Head)
		}
	}
	return m, err
}

// Store implements copying.Records.
func (c *Copies) Store(ctx context.Context, from copying.Mark, events []engagement.Logged, to copying.Mark) error {
	look := false
	return c.db.write(ctx, func(tx *gorm.DB) error {
		if _, err := c.db.lockHead(tx, "events"); err != nil {
			return err
		}
		at, err := c.db.lockHead(tx, "copied_records")
		if err != nil {
			return err
		}
		now, err := markIn(tx)
		if err != nil {
			return err
		}
		if at != from.Record || now.Offset != from.Offset {
			return copying.ErrOvertaken
		}
		if look {
			if events, err = notStored(tx, events); err != nil {
				return err
			}
		}
		look = true // the next try is after a clash, perhaps with an id that is there
		if err := c.insert(tx, events); err != nil {
			return err
		}
		for name, head := range map[string]int64{"events": int64(to.Offset), "copied_records": to.Record, "copied_window": int64(to.Window)} {
			if err := setHead(tx, name, head); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *Copies) insert(tx *gorm.DB, events []engagement.Logged) error {
	rows, watched := newPlainBulk(tx, "events", "", eventColumns...), make(map[playKey]play)
	defer rows.free()
	for i := range events {
		e := &events[i]
		putEvent(rows, int64(e.Offset), &e.Event, e.Received)
		if rows.full() {
			rows.send()
		}
		if isPlay(e.Act) {
			watched[keyOf(&e.Event)] = watched[keyOf(&e.Event)].with(&e.Event, int64(e.Offset))
		}
	}
	if err := rows.flush(); err != nil {
		return err
	}
	return c.db.storePlays(tx, watched)
}

// notStored are the events whose ids the log has not, each id once.
func notStored(tx *gorm.DB, events []engagement.Logged) ([]engagement.Logged, error) {
	ids := make([]engagement.EventID, len(events))
	for i := range events {
		ids[i] = events[i].ID
	}
	known, err := knownEvents(tx, ids)
	if err != nil {
		return nil, err
	}
	var out []engagement.Logged
	for i := range events {
		if !known[events[i].ID] {
			known[events[i].ID] = true
			out = append(out, events[i])
		}
	}
	return out, nil
}
