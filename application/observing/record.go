package observing

import (
	"context"
	"slices"
	"time"

	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/recommend"
)

// MaxBatch is how many events one request may carry.
const MaxBatch = 10_000

// ErrBatch refuses a batch that is too long.
var ErrBatch = fault.New(fault.Invalid, "batch_too_large", "a batch holds at most 10000 events")

// Status is what became of one event.
type Status string

// The statuses.
const (
	Accepted  Status = "accepted"
	Duplicate Status = "duplicate"
	Rejected  Status = "rejected"
)

// Outcome is what became of one event; Err is set when it was rejected.
type Outcome struct {
	Status Status
	Err    *fault.Error
}

// RecordEvents takes in batches of events.
type RecordEvents struct {
	log     engagement.EventLog
	viewers audience.ViewerRepository
	known   *remembering.Viewers
	index   recommend.Index
	tuning  bool
	clock   func() time.Time
}

// NewRecordEvents wires the recipe. Without tuning, more_like_this and not_interested are recorded
// and steer nothing.
func NewRecordEvents(log engagement.EventLog, viewers audience.ViewerRepository, known *remembering.Viewers, index recommend.Index, tuning bool, clock func() time.Time) *RecordEvents {
	return &RecordEvents{log, viewers, known, index, tuning, clock}
}

// Record returns the outcome of each event, aligned with events. When it fails, nothing is
// acknowledged and the same batch may be sent again; what was stored then counts as duplicate.
func (r *RecordEvents) Record(ctx context.Context, events []engagement.Event) ([]Outcome, error) {
	if len(events) > MaxBatch {
		return nil, ErrBatch
	}
	now := r.clock()
	b := &batch{events: events, outcomes: make([]Outcome, len(events))}
	b.check(now)
	b.resolve(r.index.View())
	if err := r.decide(ctx, b, now); err != nil {
		return nil, err
	}
	if err := r.append(ctx, b, now); err != nil {
		return nil, err
	}
	if err := r.known.Note(ctx, b.notes()); err != nil {
		return nil, err
	}
	// An earlier try may have died between the log and the note, and a duplicate may say something else than
	// the event in the log: the log is right.
	if err := r.known.Refresh(ctx, b.doubtful()); err != nil {
		return nil, err
	}
	return b.outcomes, nil
}

func (r *RecordEvents) append(ctx context.Context, b *batch, now time.Time) error {
	places := b.open()
	if len(places) == 0 {
		return nil
	}
	events := b.events
	if len(places) < len(events) {
		events = make([]engagement.Event, len(places))
		for k, i := range places {
			events[k] = b.events[i]
		}
	}
	fresh, err := r.log.Append(ctx, events, now)
	if err != nil {
		return err
	}
	for k, i := range places {
		b.outcomes[i].Status = Duplicate
		if fresh[k] {
			b.outcomes[i].Status = Accepted
		}
	}
	return nil
}

// batch is the events of one request on their way.
type batch struct {
	events   []engagement.Event
	outcomes []Outcome
	repeats  map[int]struct{}   // places of events whose id an earlier event of the batch has
	numbers  []catalog.Number   // of the events' items; 0: not in the catalogue
	authors  []catalog.AuthorID // the author meant by each event, as far as known
}

// check rejects what may not enter the log and what repeats an id of the batch.
func (b *batch) check(now time.Time) {
	ids := make(map[engagement.EventID]struct{}, len(b.events))
	b.repeats = make(map[int]struct{})
	for i := range b.events {
		e := &b.events[i]
		e.At = e.At.UTC().Truncate(time.Millisecond)
		if err := e.Check(now); err != nil {
			b.reject(i, err)
			continue
		}
		if _, again := ids[e.ID]; again {
			b.outcomes[i].Status = Duplicate
			b.repeats[i] = struct{}{}
			continue
		}
		ids[e.ID] = struct{}{}
	}
}

func (b *batch) reject(i int, err error) { b.outcomes[i] = Outcome{Rejected, fault.Of(err)} }

// open lists the places of events whose outcome is still open.
func (b *batch) open() []int {
	places := make([]int, 0, len(b.events))
	for i := range b.outcomes {
		if b.outcomes[i].Status == "" {
			places = append(places, i)
		}
	}
	return places
}

// resolve finds the items' numbers and authors.
func (b *batch) resolve(view recommend.View) {
	n := len(b.events)
	b.numbers, b.authors = make([]catalog.Number, n), make([]catalog.AuthorID, n)
	ids, ords, items := make([]catalog.ItemID, n), make([]recommend.Ordinal, n), make([]*catalog.Snapshot, n)
	for i := range b.events {
		ids[i] = b.events[i].Item
	}
	view.Locate(ids, ords)
	view.Items(ords, items)
	for i := range b.events {
		b.authors[i] = b.events[i].Author
		if items[i] == nil {
			continue
		}
		b.numbers[i] = items[i].Number
		if b.authors[i] == "" {
			b.authors[i] = items[i].Details.Author
		}
	}
}

// doubtful lists the viewers of events that were in the log before.
func (b *batch) doubtful() []audience.ViewerID {
	var ids []audience.ViewerID
	for i := range b.events {
		if _, repeats := b.repeats[i]; !repeats && b.outcomes[i].Status == Duplicate && !slices.Contains(ids, b.events[i].Viewer) {
			ids = append(ids, b.events[i].Viewer)
		}
	}
	return ids
}

// notes are what the events that are new in the log say of their viewers, in order.
func (b *batch) notes() []audience.Note {
	notes, actions, marks := make([]audience.Note, 0, len(b.events)), make([]audience.Action, len(b.events)), make([]audience.Mark, len(b.events))
	for i := range b.events {
		e := &b.events[i]
		if b.outcomes[i].Status != Accepted || e.Item == "" {
			continue
		}
		actions[i] = audience.Action{Item: e.Item, Act: e.Act, At: e.At, Watched: e.Watched, Duration: e.Duration, Session: e.Session}
		note := audience.Note{Viewer: e.Viewer, Action: &actions[i]}
		if n := b.numbers[i]; n != 0 && e.Met() {
			marks[i] = audience.Mark{Item: n, At: e.At}
			note.Seen = marks[i : i+1 : i+1]
			if e.Consumed() {
				note.Consumed = note.Seen
			}
		}
		notes = append(notes, note)
	}
	return notes
}
