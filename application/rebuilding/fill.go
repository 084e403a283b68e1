package rebuilding

import (
	"context"

	"github.com/freshet/freshet/domain/audience"
)

// fill restores one batch. Repeated after a failure it finds the ones done held.
func (r *run) fill(ctx context.Context, ids []audience.ViewerID) error {
	held, err := r.copies.Held(ctx, ids)
	if err != nil {
		return err
	}
	missing, p := unheld(ids, held), Progress{Looked: len(ids)}
	p.Held = len(ids) - len(missing)
	if r.o.DryRun {
		p.Restored = len(missing)
		r.add(p)
		return nil
	}
	if p.Sessions, err = r.reopen(ctx, ids); err != nil {
		return err
	}
	for try := 1; len(missing) > 0 && try <= tries; try++ {
		if missing, err = r.restore(ctx, missing); err != nil {
			return err
		}
	}
	p.Left = len(missing)
	p.Restored = len(ids) - p.Held - p.Left
	r.add(p)
	return nil
}

// reopen comes before restore, which changes the versions of its viewers.
func (r *run) reopen(ctx context.Context, ids []audience.ViewerID) (reopened int, err error) {
	versions, err := r.copies.Versions(ctx, ids)
	if err != nil {
		return 0, err
	}
	of := make(map[audience.ViewerID]int64, len(ids))
	for i, id := range ids {
		of[id] = versions[i]
	}
	now := r.clock()
	err = r.records.Sessions(ctx, ids, now.Add(-r.o.Sessions), func(sessions []Session) error {
		var live []Opening
		for _, s := range sessions {
			if now.Before(s.Visit.ExpiresAt) && len(s.Pages) > 0 && s.Pages[0].Number == 1 {
				live = append(live, Opening{of[s.Visit.Viewer], s})
			}
		}
		n, err := r.copies.Reopen(ctx, live)
		reopened += n
		return err
	})
	return reopened, err
}

// restore fills the viewers and returns those of whom something was recorded in between.
func (r *run) restore(ctx context.Context, ids []audience.ViewerID) (missed []audience.ViewerID, err error) {
	versions, err := r.copies.Versions(ctx, ids)
	if err != nil {
		return nil, err
	}
	known, err := r.records.RecollectAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	copies := make([]Copy, len(ids))
	for i := range ids {
		copies[i] = Copy{versions[i], known[i]}
	}
	restored, err := r.copies.Restore(ctx, copies)
	if err != nil {
		return nil, err
	}
	if missed = unheld(ids, restored); len(missed) == 0 {
		return nil, nil
	}
	held, err := r.copies.Held(ctx, missed) // by whoever was faster
	if err != nil {
		return nil, err
	}
	return unheld(missed, held), nil
}

func unheld(ids []audience.ViewerID, held []bool) (missing []audience.ViewerID) {
	for i, id := range ids {
		if !held[i] {
			missing = append(missing, id)
		}
	}
	return missing
}
