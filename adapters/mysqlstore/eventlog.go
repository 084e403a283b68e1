package mysqlstore

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/engagement"
)

// EventLog is the engagement.EventLog.
type EventLog struct{ db *DB }

// NewEventLog works on db.
func NewEventLog(db *DB) *EventLog { return &EventLog{db} }

// Append implements engagement.EventLog. Appenders take turns, so offsets are dense and committed in order.
func (l *EventLog) Append(ctx context.Context, events []engagement.Event, received time.Time) ([]bool, error) {
	if len(events) == 0 {
		return nil, nil
	}
	one := parcel{events: events, received: received}
	if err := l.store(ctx, []*parcel{&one}); err != nil {
		return nil, err
	}
	return one.fresh, nil
}

// Known implements engagement.EventLog.
func (l *EventLog) Known(ctx context.Context, ids []engagement.EventID) ([]bool, error) {
	var known map[engagement.EventID]bool
	err := l.db.read(ctx, func(tx *gorm.DB) (err error) {
		known, err = knownEvents(tx, ids)
		return err
	})
	if err != nil {
		return nil, err
	}
	answer := make([]bool, len(ids))
	for i, id := range ids {
		answer[i] = known[id]
	}
	return answer, nil
}

// knownEvents answers which of the ids the log holds.
func knownEvents(tx *gorm.DB, ids []engagement.EventID) (map[engagement.EventID]bool, error) {
	known := make(map[engagement.EventID]bool, len(ids))
	err := chunks(ids, func(some []engagement.EventID) error {
		var found []engagement.EventID
		err := tx.Raw("SELECT event_id FROM events WHERE event_id IN ?", padded(some)).Scan(&found).Error
		for _, id := range found {
			known[id] = true
		}
		return err
	})
	return known, err
}

// Read implements engagement.EventLog.
func (l *EventLog) Read(ctx context.Context, after engagement.Offset, limit int) (events []engagement.Logged, err error) {
	err = l.db.read(ctx, func(tx *gorm.DB) (err error) {
		events, err = eventsIn(tx, selectEvent+"WHERE e.pos > ? ORDER BY e.pos LIMIT ?", int64(after), limit)
		return err
	})
	return events, err
}

// Head implements engagement.EventLog.
func (l *EventLog) Head(ctx context.Context) (engagement.Offset, error) {
	var heads []engagement.Offset
	err := l.db.read(ctx, func(tx *gorm.DB) error {
		return tx.Raw("SELECT head FROM log_heads WHERE name = 'events'").Scan(&heads).Error
	})
	if err != nil || len(heads) == 0 {
		return 0, err
	}
	return heads[0], nil
}
