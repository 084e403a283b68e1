package mysqlstore_test

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// inTurn sends each call to another instance, so that a contract holds across the fleet too.
type inTurn[P any] struct {
	of    []P
	calls atomic.Uint64
}

func (i *inTurn[P]) next() P { return i.of[i.calls.Add(1)%uint64(len(i.of))] }

type alternatingItems struct {
	inTurn[catalog.ItemRepository]
}

func (a *alternatingItems) Find(ctx context.Context, id catalog.ItemID) (*catalog.FeedItem, error) {
	return a.next().Find(ctx, id)
}

func (a *alternatingItems) Update(ctx context.Context, ids []catalog.ItemID, change func(*catalog.FeedItem, func() (catalog.Number, error)) error) ([]error, error) {
	return a.next().Update(ctx, ids, change)
}

func (a *alternatingItems) Scan(ctx context.Context, since time.Time, after catalog.Number, limit int) ([]catalog.Snapshot, error) {
	return a.next().Scan(ctx, since, after, limit)
}

type alternatingViewers struct {
	inTurn[audience.ViewerRepository]
}

func (a *alternatingViewers) Find(ctx context.Context, id audience.ViewerID) (*audience.Viewer, error) {
	return a.next().Find(ctx, id)
}

func (a *alternatingViewers) Update(ctx context.Context, id audience.ViewerID, change func(*audience.Viewer) error) error {
	return a.next().Update(ctx, id, change)
}

type alternatingLog struct {
	inTurn[engagement.EventLog]
}

func (a *alternatingLog) Append(ctx context.Context, events []engagement.Event, received time.Time) ([]bool, error) {
	return a.next().Append(ctx, events, received)
}

func (a *alternatingLog) Known(ctx context.Context, ids []engagement.EventID) ([]bool, error) {
	return a.next().Known(ctx, ids)
}

func (a *alternatingLog) Read(ctx context.Context, after engagement.Offset, limit int) ([]engagement.Logged, error) {
	return a.next().Read(ctx, after, limit)
}

func (a *alternatingLog) Head(ctx context.Context) (engagement.Offset, error) {
	return a.next().Head(ctx)
}

type alternatingModels struct {
	inTurn[recommend.ModelStore]
}

func (a *alternatingModels) Save(ctx context.Context, m *recommend.Model, how recommend.Training) (uint64, error) {
	return a.next().Save(ctx, m, how)
}

func (a *alternatingModels) Active(ctx context.Context) (uint64, error) { return a.next().Active(ctx) }

func (a *alternatingModels) Load(ctx context.Context, version uint64) (*recommend.Model, recommend.Training, error) {
	return a.next().Load(ctx, version)
}

func (a *alternatingModels) List(ctx context.Context) ([]recommend.KeptModel, error) {
	return a.next().List(ctx)
}

func (a *alternatingModels) Activate(ctx context.Context, version uint64) error {
	return a.next().Activate(ctx, version)
}

type alternatingBlends struct {
	inTurn[recommend.BlendStore]
}

func (a *alternatingBlends) Save(ctx context.Context, feed, key string, b recommend.KeptBlend) error {
	return a.next().Save(ctx, feed, key, b)
}

func (a *alternatingBlends) Load(ctx context.Context, feed, key string) (recommend.KeptBlend, error) {
	return a.next().Load(ctx, feed, key)
}
