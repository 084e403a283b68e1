package relaying

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/freshet/freshet/domain/catalog"
)

const (
	letterBatch = 200
	// queueing is how long a requeue waits for a relay that is at work: longer than the lease of one that died.
	queueing     = 10 * time.Second
	queueingStep = 20 * time.Millisecond
)

// Letters is what an operator does with facts that could not be delivered. It works beside relays that run.
type Letters struct{ dead catalog.DeadLetters }

// NewLetters wires the part.
func NewLetters(dead catalog.DeadLetters) *Letters { return &Letters{dead} }

// Dealt is what became of one letter; Err is catalog.ErrNoLetter where there is none.
type Dealt struct {
	ID   catalog.LetterID
	What catalog.Requeueing // of a requeued one
	Err  error
}

// All returns every letter without its contents, in order.
func (l *Letters) All(ctx context.Context) (all []catalog.DeadLetter, err error) {
	var after catalog.LetterID
	for {
		some, err := l.dead.List(ctx, after, letterBatch)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
		if len(some) < letterBatch {
			return all, nil
		}
		after = some[len(some)-1].ID
	}
}

// Find returns the whole letter. With no such letter: catalog.ErrNoLetter.
func (l *Letters) Find(ctx context.Context, id catalog.LetterID) (catalog.DeadLetter, error) {
	return l.dead.Find(ctx, id)
}

// Requeue has the letters delivered again, earlier ones first, each once however often it is named. Those it comes to
// before it fails are dealt with and told.
func (l *Letters) Requeue(ctx context.Context, ids []catalog.LetterID) ([]Dealt, error) {
	return each(ids, func(d *Dealt) (err error) {
		d.What, err = l.requeue(ctx, d.ID)
		return err
	})
}

// RequeueAll is Requeue for all letters there are.
func (l *Letters) RequeueAll(ctx context.Context) ([]Dealt, error) {
	letters, err := l.All(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]catalog.LetterID, len(letters))
	for i := range letters {
		ids[i] = letters[i].ID
	}
	return l.Requeue(ctx, ids)
}

// Drop forgets the letters for good, like Requeue.
func (l *Letters) Drop(ctx context.Context, ids []catalog.LetterID) ([]Dealt, error) {
	return each(ids, func(d *Dealt) error { return l.dead.Drop(ctx, d.ID) })
}

func each(ids []catalog.LetterID, do func(*Dealt) error) (all []Dealt, err error) {
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		d := Dealt{ID: id}
		if d.Err = do(&d); d.Err != nil && !errors.Is(d.Err, catalog.ErrNoLetter) {
			return all, d.Err
		}
		all = append(all, d)
	}
	return all, nil
}

// requeue tries until the relays leave a moment free.
func (l *Letters) requeue(ctx context.Context, id catalog.LetterID) (catalog.Requeueing, error) {
	ctx, cancel := context.WithTimeout(ctx, queueing)
	defer cancel()
	for {
		what, err := l.dead.Requeue(ctx, id)
		if !errors.Is(err, catalog.ErrRelaying) {
			return what, err
		}
		select {
		case <-time.After(queueingStep):
		case <-ctx.Done():
			return what, err
		}
	}
}
