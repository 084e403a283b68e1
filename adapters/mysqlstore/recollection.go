package mysqlstore

import (
	"cmp"
	"context"
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

const (
	// recallPage is how many events are read at a time, newest first.
	recallPage = 1000
	// recallEvents bounds how far back a viewer's events are read.
	recallEvents = 20_000
)

// Recollection is the audience.Recollection over the event log, the archive and the viewers'
// decisions. Of the past it knows all but decisions and ties that were taken back since.
type Recollection struct{ db *DB }

// NewRecollection works on db.
func NewRecollection(db *DB) *Recollection { return &Recollection{db} }

// Recollect implements audience.Recollection.
func (r *Recollection) Recollect(ctx context.Context, id audience.ViewerID, at time.Time) (k audience.Knowledge, err error) {
	err = r.db.read(ctx, func(tx *gorm.DB) error {
		k = audience.Knowledge{}
		if k.Viewer, err = viewerAt(tx, id, at); err != nil {
			return err
		}
		past, err := pastOf(tx, id, at)
		if err != nil {
			return err
		}
		k.Actions = past.recent()
		if k.Memory.Seen, k.Memory.Consumed, err = past.marks(tx); err != nil {
			return err
		}
		k.Memory.Served, err = servedTo(tx, id, at)
		return err
	})
	return k, err
}

// past is what a viewer's events come to, gathered from the newest back.
type past struct {
	actions        []audience.Action
	places         map[actionKey]int // in actions
	seen, consumed map[catalog.ItemID]time.Time
}

func pastOf(tx *gorm.DB, id audience.ViewerID, at time.Time) (*past, error) {
	p := newPast()
	return p, p.read(tx, id, at, 1<<63-1, 0)
}

func newPast() *past {
	return &past{places: map[actionKey]int{}, seen: map[catalog.ItemID]time.Time{}, consumed: map[catalog.ItemID]time.Time{}}
}

// read goes on before an offset; so many events were read already.
func (p *past) read(tx *gorm.DB, id audience.ViewerID, at time.Time, before int64, read int) error {
	for ; read < recallEvents && !p.full(); read += recallPage {
		query, args := selectEvent+"WHERE e.viewer = ? AND e.pos < ?", []any{string(id), before}
		if !at.IsZero() {
			query, args = query+" AND e.received_at <= ?", append(args, at.UnixMilli())
		}
		events, err := eventsIn(tx, query+" ORDER BY e.pos DESC LIMIT ?", append(args, recallPage)...)
		if err != nil {
			return err
		}
		for i := range events {
			p.take(&events[i].Event)
		}
		if len(events) < recallPage {
			break
		}
		before = int64(events[len(events)-1].Offset)
	}
	return nil
}

func (p *past) full() bool {
	return len(p.actions) >= audience.MaxActions && len(p.seen) >= audience.MaxSeen && len(p.consumed) >= audience.MaxConsumed
}

func (p *past) take(e *engagement.Event) {
	if e.Met() {
		note(p.seen, e, audience.MaxSeen)
	}
	if e.Consumed() {
		note(p.consumed, e, audience.MaxConsumed)
	}
	if e.Item == "" {
		return
	}
	key := actionKey{item: e.Item, session: e.Session}
	if !isPlay(e.Act) {
		key.act, key.at = e.Act, e.At.UnixMilli()
	}
	if i, known := p.places[key]; known {
		same := &p.actions[i]
		same.Act, same.Watched, same.Duration = max(same.Act, e.Act), max(same.Watched, e.Watched), max(same.Duration, e.Duration)
		if e.At.After(same.At) {
			same.At = e.At
		}
		return
	}
	if len(p.actions) >= audience.MaxActions {
		return
	}
	p.places[key] = len(p.actions)
	p.actions = append(p.actions, audience.Action{Item: e.Item, Act: e.Act, At: e.At, Watched: e.Watched, Duration: e.Duration, Session: e.Session})
}

// actionKey says which events are one action: the same act at the same moment, or one play.
type actionKey struct {
	item    catalog.ItemID
	session string
	act     audience.Act // 0: a play
	at      int64
}

// isPlay tells the acts that follow each other in one play; a later one has the larger number.
func isPlay(a audience.Act) bool {
	return a == audience.PlayStart || a == audience.PlayProgress || a == audience.PlayComplete
}

func note(marks map[catalog.ItemID]time.Time, e *engagement.Event, most int) {
	at, known := marks[e.Item]
	if !known && len(marks) >= most {
		return
	}
	if !known || e.At.After(at) {
		marks[e.Item] = e.At
	}
}

func (p *past) recent() []audience.Action {
	slices.SortFunc(p.actions, func(a, b audience.Action) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Item, b.Item), cmp.Compare(a.Act, b.Act), cmp.Compare(a.Session, b.Session))
	})
	return p.actions
}

// marks names the items by number, oldest first; an item the catalogue never had has none.
func (p *past) marks(tx *gorm.DB) (seen, consumed []audience.Mark, err error) {
	ids := p.items(nil)
	slices.Sort(ids)
	numbers := make(map[catalog.ItemID]catalog.Number, len(ids))
	if err := numbersInto(tx, slices.Compact(ids), numbers); err != nil {
		return nil, nil, err
	}
	return marksOf(p.seen, numbers), marksOf(p.consumed, numbers), nil
}

// items appends those that have marks, some twice.
func (p *past) items(ids []catalog.ItemID) []catalog.ItemID {
	return slices.AppendSeq(slices.AppendSeq(ids, maps.Keys(p.seen)), maps.Keys(p.consumed))
}

func numbersInto(tx *gorm.DB, ids []catalog.ItemID, numbers map[catalog.ItemID]catalog.Number) error {
	return chunks(ids, func(some []catalog.ItemID) error {
		var rows []struct {
			ID     catalog.ItemID
			Number catalog.Number
		}
		err := tx.Raw("SELECT id, number FROM items WHERE id IN ?", padded(some)).Scan(&rows).Error
		for _, row := range rows {
			numbers[row.ID] = row.Number
		}
		return err
	})
}

func marksOf(at map[catalog.ItemID]time.Time, numbers map[catalog.ItemID]catalog.Number) []audience.Mark {
	var marks []audience.Mark
	for id, when := range at {
		if n, ok := numbers[id]; ok {
			marks = append(marks, audience.Mark{Item: n, At: when.Truncate(time.Second)})
		}
	}
	slices.SortFunc(marks, func(a, b audience.Mark) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Item, b.Item))
	})
	return marks
}

// servedTo reads the newest archived pages, enough for all that is remembered of them. A page served
// at the moment itself does not know of itself.
func servedTo(tx *gorm.DB, id audience.ViewerID, at time.Time) ([]audience.Mark, error) {
	query, args := "SELECT served_at, numbers FROM pages WHERE viewer = ?", []any{string(id)}
	if !at.IsZero() {
		query, args = query+" AND served_at < ?", append(args, at.UnixMilli())
	}
	var pages []struct {
		ServedAt int64
		Numbers  []byte
	}
	err := tx.Raw(query+" ORDER BY served_at DESC, session DESC, page DESC LIMIT ?", append(args, audience.MaxServed)...).Scan(&pages).Error
	if err != nil {
		return nil, err
	}
	var marks []audience.Mark // newest first until the end
	for _, p := range pages {
		marks = appendPageMarks(marks, p.ServedAt, p.Numbers)
	}
	slices.Reverse(marks)
	return marks, nil
}

// appendPageMarks appends the items of a page from the last to the first, as far as they are remembered.
func appendPageMarks(marks []audience.Mark, servedAt int64, numbers []byte) []audience.Mark {
	for i := len(numbers) - 8; i >= 0 && len(marks) < audience.MaxServed; i -= 8 {
		n := catalog.Number(binary.BigEndian.Uint64(numbers[i:]))
		marks = append(marks, audience.Mark{Item: n, At: timeOf(servedAt).Truncate(time.Second)})
	}
	return marks
}
