package kafkastore

import (
	"context"
	"time"

	"github.com/freshet/freshet/application/copying"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/domain/audience"
)

// copyPatience is how long readers of the database wait for what is not copied yet.
const copyPatience = time.Second

// Recollection is the audience.Recollection over one that reads copies: it misses nothing that was acknowledged before it was
// asked. For a viewer with events that are not copied it waits, and fails with copying.ErrBehind past its patience.
type Recollection struct {
	log  *Log
	past audience.Recollection
}

// NewRecollection asks past, once everything it needs was copied out of log.
func NewRecollection(log *Log, past audience.Recollection) *Recollection {
	return &Recollection{log, past}
}

// Recollect implements audience.Recollection.
func (r *Recollection) Recollect(ctx context.Context, id audience.ViewerID, at time.Time) (audience.Knowledge, error) {
	if err := r.log.sync(ctx); err != nil {
		return audience.Knowledge{}, err
	}
	r.log.mu.Lock()
	needs := r.log.behind.of(id)
	r.log.mu.Unlock()
	err := r.log.awaitCopy(ctx, func(upTo copying.Mark) bool { return upTo.Record >= needs })
	if err != nil {
		return audience.Knowledge{}, err
	}
	return r.past.Recollect(ctx, id, at)
}

// Repairs are the remembering.Repairs over some that read copies.
type Repairs struct {
	remembering.Repairs
	log *Log
}

// NewRepairs asks past, once everything it needs was copied out of log.
func NewRepairs(log *Log, past remembering.Repairs) *Repairs { return &Repairs{past, log} }

// Touched implements remembering.Repairs: it knows of all whose events were acknowledged before it was asked.
func (r *Repairs) Touched(ctx context.Context, since time.Time, after audience.ViewerID, limit int) ([]audience.ViewerID, error) {
	end, err := r.log.End(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.log.awaitCopy(ctx, func(upTo copying.Mark) bool { return upTo.Record >= end.Record }); err != nil {
		return nil, err
	}
	return r.Repairs.Touched(ctx, since, after, limit)
}

// awaitCopy waits until enough is copied.
func (l *Log) awaitCopy(ctx context.Context, enough func(upTo copying.Mark) bool) error {
	ctx, cancel := context.WithTimeout(ctx, copyPatience)
	defer cancel()
	if err := l.await(ctx, func() (bool, error) { return enough(l.copied), nil }); err != nil {
		return copying.ErrBehind.Because(err)
	}
	return nil
}
