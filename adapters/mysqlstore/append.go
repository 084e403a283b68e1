package mysqlstore

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/engagement"
)

// parcel is what one caller appends. fresh says what became of each event once it is stored.
type parcel struct {
	events   []engagement.Event
	received time.Time
	fresh    []bool
}

// place is where an event is.
type place struct {
	in *parcel
	at int
}

func (p place) event() *engagement.Event { return &p.in.events[p.at] }

// store appends the parcels in order, all or nothing.
//
// Events are inserted unseen: one whose id is in the log already makes the statement fail, which undoes that statement
// and nothing else, and only then the log is asked which ids it has. Most events are new, and asking costs as much as storing.
func (l *EventLog) store(ctx context.Context, parcels []*parcel) error {
	all, look := distinct(parcels), false
	return l.db.write(ctx, func(tx *gorm.DB) error {
		head, err := l.db.moveHead(tx, "events", len(all))
		if err != nil {
			return err
		}
		stored, err := insertEvents(tx, head, all, look)
		look = true // TiDB may find the clash no sooner than at the commit
		if err != nil {
			return err
		}
		watched := make(map[playKey]play)
		for _, p := range parcels {
			p.fresh = make([]bool, len(p.events))
		}
		for i, p := range stored {
			p.in.fresh[p.at] = true
			if e := p.event(); isPlay(e.Act) {
				watched[keyOf(e)] = watched[keyOf(e)].with(e, head+1+int64(i))
			}
		}
		if err := l.db.storePlays(tx, watched); err != nil {
			return err
		}
		if len(stored) == len(all) {
			return nil
		}
		return setHead(tx, "events", head+int64(len(stored)))
	})
}

// distinct are the events of which none before has the id.
func distinct(parcels []*parcel) []place {
	n := 0
	for _, p := range parcels {
		n += len(p.events)
	}
	met, out := make(map[engagement.EventID]struct{}, n), make([]place, 0, n)
	for _, p := range parcels {
		for i := range p.events {
			met[p.events[i].ID] = struct{}{}
			if len(met) > len(out) {
				out = append(out, place{p, i})
			}
		}
	}
	return out
}

// insertEvents inserts the events that are not in the log, after its head, and returns them. With look it asks which those
// are before it begins.
func insertEvents(tx *gorm.DB, head int64, events []place, look bool) (_ []place, err error) {
	if look {
		if events, err = unknown(tx, events); err != nil {
			return nil, err
		}
	}
	rows := newPlainBulk(tx, "events", "", eventColumns...)
	defer rows.free()
	for done := 0; done < len(events); {
		next := done
		for ; next < len(events) && !rows.full(); next++ {
			p := events[next]
			putEvent(rows, head+1+int64(next), p.event(), p.in.received)
		}
		err := rows.flush()
		switch {
		case err == nil:
			done = next
		case look || !errors.Is(err, gorm.ErrDuplicatedKey):
			return nil, err
		default:
			look = true
			rest, err := unknown(tx, events[done:])
			if err != nil {
				return nil, err
			}
			events = append(events[:done:done], rest...)
		}
	}
	return events, nil
}

// unknown are the events whose ids the log has not.
func unknown(tx *gorm.DB, events []place) ([]place, error) {
	ids := make([]engagement.EventID, len(events))
	for i, p := range events {
		ids[i] = p.event().ID
	}
	known, err := knownEvents(tx, ids)
	if err != nil {
		return nil, err
	}
	var out []place
	for _, p := range events {
		if !known[p.event().ID] {
			out = append(out, p)
		}
	}
	return out, nil
}
