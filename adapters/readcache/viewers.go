package readcache

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/fault"
)

// Viewers is the audience.ViewerRepository over another. Viewers have no versions that outlive an erasure, so writes drop copies and only
// reads make them; and nothing is copied of a viewer who decided nothing.
type Viewers struct {
	audience.ViewerRepository
	tiers tiers
}

// NewViewers answers Find for the source from copies. All who write to the source go through such Viewers, or through Erase.
func NewViewers(source audience.ViewerRepository, guard *Guard, redis *redisstore.Client, bounds Bounds) *Viewers {
	bounds = bounds.withDefaults()
	r := &Viewers{ViewerRepository: source}
	r.tiers = tiers{
		guard: guard, shared: redisstore.NewCache(redis, "v", bounds.Life), local: newLocal(bounds.LocalBytes, bounds.Life),
		read: func(ctx context.Context, id string) (redisstore.Copy, time.Duration, error) {
			v, err := source.Find(ctx, audience.ViewerID(id))
			if err != nil {
				return redisstore.Copy{}, 0, err
			}
			c := redisstore.Copy{Tag: rand.Uint64N(1 << 53), Contents: redisstore.EncodeViewer(v)}
			if v.Empty() {
				return c, 0, nil
			}
			return c, bounds.Life, nil
		},
	}
	return r
}

// Find implements audience.ViewerRepository.
func (r *Viewers) Find(ctx context.Context, id audience.ViewerID) (*audience.Viewer, error) {
	c, err := r.tiers.get(ctx, string(id))
	if err != nil {
		return nil, err
	}
	if v, ok := redisstore.DecodeViewer(id, c.Contents); ok {
		return v, nil
	}
	return r.ViewerRepository.Find(ctx, id) // a copy of another version of this program
}

// Update implements audience.ViewerRepository. Before it returns nil every instance answers with what it stored or found.
func (r *Viewers) Update(ctx context.Context, id audience.ViewerID, change func(*audience.Viewer) error) error {
	if err := r.ViewerRepository.Update(ctx, id, change); err != nil {
		if fault.Is(err, fault.Unavailable) { // the commit may have been made
			_ = r.Drop(ctx, id)
		}
		return err
	}
	return r.settle(ctx, id)
}

func (r *Viewers) settle(ctx context.Context, id audience.ViewerID) error {
	r.tiers.local.drop(string(id))
	return r.tiers.guard.settle(ctx, 1, func(ctx context.Context, _ uint64) error {
		_, err := r.tiers.shared.Drop(ctx, string(id))
		return err
	})
}

// Drop drops what is copied of the viewer, who was changed in SQL.
func (r *Viewers) Drop(ctx context.Context, id audience.ViewerID) error {
	r.tiers.local.drop(string(id))
	fast, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.tiers.guard.opts.Patience)
	defer cancel()
	_, err := r.tiers.shared.Drop(fast, string(id))
	return err
}

// Erase implements erasing.Store. It comes after the source: what is read before that is not copied after it.
func (r *Viewers) Erase(ctx context.Context, id audience.ViewerID) ([]erasing.Removed, error) {
	r.tiers.local.forget(string(id))
	dropped, err := r.tiers.shared.Drop(ctx, string(id))
	if err != nil {
		return nil, err
	}
	return []erasing.Removed{{Store: "redis", What: "copies", Count: dropped}}, r.settle(ctx, id)
}

// Process is the copies in this process alone, for erasures on other instances.
func (r *Viewers) Process() erasing.Store { return process{r.tiers.local} }

type process struct{ local *local }

// Erase implements erasing.Store.
func (p process) Erase(_ context.Context, id audience.ViewerID) ([]erasing.Removed, error) {
	count := int64(0)
	if p.local.forget(string(id)) {
		count = 1
	}
	return []erasing.Removed{{Store: "process", What: "copies", Count: count}}, nil
}

// Stats tells how reads were answered.
func (r *Viewers) Stats() Stats { return r.tiers.stats() }

// Remembrance has copies dropped together with what another remembers of a viewer: whoever forgets a viewer there
// knows of a change in SQL that no command made.
type Remembrance struct {
	audience.Remembrance
	viewers *Viewers
}

// Remembering wraps fast.
func (r *Viewers) Remembering(fast audience.Remembrance) Remembrance { return Remembrance{fast, r} }

// Forget implements audience.Remembrance.
func (m Remembrance) Forget(ctx context.Context, id audience.ViewerID) error {
	if err := m.viewers.Drop(ctx, id); err != nil {
		return err
	}
	return m.Remembrance.Forget(ctx, id)
}
