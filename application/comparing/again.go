package comparing

import (
	"context"
	"errors"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
)

// again makes a page again, or counts why not.
func (r *run) again(ctx context.Context, e *feed.Exposure) error {
	why, err := r.page(ctx, e)
	if err == nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	if why != "" {
		r.report.Skipped[why]++
	}
	return err
}

func (r *run) page(ctx context.Context, e *feed.Exposure) (skipped string, err error) {
	upTo := engagement.Offset(e.Page.Inputs.Model)
	if e.Page.Rung != feed.Full && e.Page.Rung != feed.NoArchive {
		return LowerRung, nil
	}
	if r.past.started && upTo < r.past.at {
		return OutOfOrder, nil
	}
	if ok, err := r.past.holds(ctx, upTo); err != nil || !ok {
		return LogShort, err
	}
	session, err := r.session(ctx, e)
	if err != nil || session == nil {
		return PagesMissing, err
	}
	model, kept, err := r.Trained.find(ctx, r.Models, e.Page.Inputs.Trained)
	if err != nil || !kept {
		return ModelGone, err
	}
	if err := r.past.begin(ctx, upTo, e.Page.ServedAt); err != nil {
		return "", err
	}
	if err := r.past.until(ctx, upTo); err != nil {
		return "", err
	}
	r.past.enter(e.Page.ServedAt)
	r.Trained.use(model)
	known, err := knownThen(ctx, r.Past, e)
	if err != nil {
		return "", err
	}
	return "", r.rerank(session, e, known)
}

// session is the page's session before it; nil: not all of it is known.
func (r *run) session(ctx context.Context, e *feed.Exposure) (*feed.RecommendationSession, error) {
	before := e.Page.Number - 1
	if before == 0 {
		return feed.Begin(e.Visit), nil
	}
	_, pages, err := r.Pages.Session(ctx, e.Visit.ID)
	if errors.Is(err, feed.ErrSessionNotFound) { // erased meanwhile
		return nil, nil
	}
	if err != nil || len(pages) < before || pages[before-1].Number != before {
		return nil, err
	}
	return feed.Rebuild(e.Visit, pages[:before], 0), nil
}

// rerank has both sides make the page, and compares.
func (r *run) rerank(session *feed.RecommendationSession, e *feed.Exposure, known audience.Knowledge) error {
	page := &e.Page
	recorded := make([]catalog.Number, len(page.Items))
	for i := range page.Items {
		recorded[i] = page.Items[i].Number
	}
	var (
		slates [2]recommend.Slate
		inputs [2]feed.Inputs
		failed [2]error
		took   [2]time.Duration
	)
	r.both(func(side int) {
		began := time.Now()
		slates[side], inputs[side], failed[side] = r.side(side).Rerun.Slate(session, *page, known, recorded)
		took[side] = time.Since(began)
	})
	if err := errors.Join(failed[:]...); err != nil {
		return err
	}
	r.report.Pages++
	r.report.Places += len(recorded)
	r.report.CurrentPageTime += took[0]
	r.report.ChangedPageTime += took[1]
	for _, part := range page.Inputs.Differ(inputs[0]) {
		r.report.Inputs[part]++
	}
	current, changed := slates[0].Picks, slates[1].Picks
	r.drift.note(cut(recorded, r.o.K), cut(numbers(current), r.o.K))
	r.change.note(cut(numbers(current), r.o.K), cut(numbers(changed), r.o.K))
	r.shift.note(cut(current, r.o.K), cut(changed, r.o.K))
	r.watch(e.Visit.Viewer, page, current, changed)
	if r.o.Made != nil {
		r.o.Made(e, current, changed)
	}
	return nil
}

// watch awaits what becomes of the page's explored picks.
func (r *run) watch(viewer audience.ViewerID, page *feed.Page, current, changed []recommend.Pick) {
	until := page.ServedAt.Add(r.o.Window)
	for i := range page.Items {
		p := &page.Items[i]
		if p.Chance <= 0 || p.Chance >= 1 {
			continue
		}
		if until.After(r.o.Now) {
			r.ledger.open++
			continue
		}
		d := &drawn{encounter: encounter{viewer, p.Item}, from: page.ServedAt, until: until, logged: float64(p.Chance)}
		for side, picks := range [2][]recommend.Pick{current, changed} {
			if i < len(picks) {
				d.chances[side] = float64(picks[i].Supposed)
			}
		}
		r.ledger.enter(d)
	}
}

func numbers(picks []recommend.Pick) []catalog.Number {
	all := make([]catalog.Number, len(picks))
	for i := range picks {
		all[i] = picks[i].Item.Number
	}
	return all
}

// cut leaves the first k; 0: all.
func cut[T any](s []T, k int) []T {
	if k > 0 && len(s) > k {
		return s[:k]
	}
	return s
}
