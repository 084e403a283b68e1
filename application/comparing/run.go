package comparing

import (
	"context"
	"sync"
	"time"

	"github.com/freshet/freshet/domain/engagement"
)

// Progress hears how far a phase has come.
type Progress func(phase string, done, total int64)

// The phases.
const (
	Reading   = "reading the catalogue"
	Learning  = "learning the events before"
	Reranking = "making pages again, seconds of the time"
	Outcomes  = "looking at what became of them"
)

// Run compares the sides on the recorded pages. It fails with ErrOptions, ErrNothing, what the records fail with and,
// when ctx ends, with its cause.
func Run(ctx context.Context, s Subject, o Options, tell Progress) (*Report, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	r := newRun(s, o, tell)
	report, err := r.compare(ctx)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return report, err
}

// run is one comparison.
type run struct {
	Subject
	o      Options
	tell   Progress
	pages  pages
	past   past
	ledger ledger
	report Report
	drift  alike // recorded and current
	change alike // current and changed
	shift  *shift
}

func newRun(s Subject, o Options, tell Progress) *run {
	r := &run{Subject: s, o: o, tell: tell, shift: newShift()}
	r.pages = pages{archive: s.Pages, o: &r.o}
	r.ledger = ledger{sums: sums{clip: o.Clip}, worth: s.Worth, by: map[encounter][]*drawn{}}
	r.past = past{log: s.Events, items: s.Items, shelf: s.Shelf, learn: r.learn, seen: r.ledger.take, tell: func(done, total int64) { tell(Learning, done, total) }}
	r.report = Report{Options: o, Current: s.Current.Config, Changed: s.Changed.Config, Skipped: map[string]int{}, Inputs: map[string]int{}}
	return r
}

func (r *run) compare(ctx context.Context) (*Report, error) {
	began := time.Now()
	r.tell(Reading, 0, 1)
	for r.o.Limit == 0 || r.report.Pages < r.o.Limit {
		e, err := r.pages.next(ctx)
		if err == nil && e != nil {
			err = r.again(ctx, e)
		}
		if err != nil {
			return nil, err
		}
		if e == nil {
			break
		}
		r.tell(Reranking, int64(e.Page.ServedAt.Sub(r.o.Since).Seconds()), int64(r.o.Until.Sub(r.o.Since).Seconds()))
	}
	if r.report.Pages == 0 && len(r.report.Skipped) == 0 {
		return nil, ErrNothing.On("since").Saying("no page of the feed %q was recorded from %s until %s", r.o.Feed,
			r.o.Since.Format(time.RFC3339), r.o.Until.Format(time.RFC3339))
	}
	r.tell(Outcomes, 0, int64(len(r.ledger.waiting)))
	if err := r.await(ctx); err != nil {
		return nil, err
	}
	return r.sum(time.Since(began)), nil
}

// await reads on until every explored pick has its outcome.
func (r *run) await(ctx context.Context) error {
	err := r.past.outlook(ctx, func(*engagement.Logged) bool { return len(r.ledger.waiting) > 0 && ctx.Err() == nil })
	r.ledger.close()
	return err
}

// learn has both sides learn the events.
func (r *run) learn(events []engagement.Logged) {
	r.report.Events += len(events)
	r.both(func(side int) { r.side(side).Model.Learn(events) })
}

func (r *run) sum(took time.Duration) *Report {
	rep := &r.report
	rep.Fidelity, rep.Likeness = r.drift.likeness(), r.change.likeness()
	rep.Gaining, rep.Losing = r.shift.gaining(1), r.shift.gaining(-1)
	rep.Sources, rep.Authors = r.shift.shares(r.shift.sources), r.shift.shifted()
	rep.CurrentVariety, rep.ChangedVariety = r.shift.variety(0), r.shift.variety(1)
	rep.Propensity = r.ledger.propensity(r.ledger.open)
	n := time.Duration(max(1, rep.Pages))
	rep.CurrentPageTime, rep.ChangedPageTime = rep.CurrentPageTime/n, rep.ChangedPageTime/n
	rep.Took = took
	return rep
}

func (r *run) side(side int) *Side {
	if side == 0 {
		return &r.Current
	}
	return &r.Changed
}

// both has the two sides do something at the same time.
func (r *run) both(do func(side int)) {
	var other sync.WaitGroup
	other.Go(func() { do(1) })
	do(0)
	other.Wait()
}
