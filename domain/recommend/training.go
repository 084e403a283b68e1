package recommend

import (
	"context"
	"time"

	"github.com/freshet/freshet/domain/fault"
)

// KeptModels is how many trained models are kept, so that one can go back.
const KeptModels = 3

// The ends of a model's size.
const (
	MaxModelItems   = 10_000
	MaxModelWeights = 16_000_000
)

// Why there is no model.
var (
	ErrModelNotFound   = fault.New(fault.NotFound, "model_not_found", "no trained model of that version is kept")
	ErrModelUnreadable = fault.New(fault.Internal, "model_unreadable", "the trained model is damaged or of an unknown format")
)

// Training is how a model came to be; it is kept inside it.
type Training struct {
	Version uint64  // given by the store: greater than every one before
	UpTo    uint64  // the offset in the event log that it was trained up to
	Events  uint64  // how many of them were read
	Viewers int     // how many viewers' likes it was made of
	Items   int     // how many items it knows
	Lambda  float64 // the regularisation

	// Of Tested viewers the last item was held back from a model made of the rest: how often that one had it among
	// the first ten, and at which place (NDCG). Both lie between 0 and 1.
	Tested   int
	HR, NDCG float64

	Took time.Duration // to the millisecond
	At   time.Time     // when it ended, to the millisecond
}

// KeptModel is a model in the store.
type KeptModel struct {
	Training
	Active bool
	Bytes  int64
}

// ModelStore keeps trained models for all instances. Every implementation passes recommendtest.ModelStore.
//
// Methods are safe for concurrent use and may fail with a fault of kind Unavailable; what was asked may or may not
// have been done.
type ModelStore interface {
	// Save keeps a model under a version of its own and puts it in force, unless a newer one was saved meanwhile. What
	// m and how say of the version is not looked at. Nobody sees the model before it is whole. Of all models the
	// newest KeptModels stay.
	Save(ctx context.Context, m *Model, how Training) (version uint64, err error)
	// Active is the version in force, 0 when there is none.
	Active(ctx context.Context) (uint64, error)
	// Load fails with ErrModelNotFound or ErrModelUnreadable.
	Load(ctx context.Context, version uint64) (*Model, Training, error)
	// List tells the kept models, the newest first.
	List(ctx context.Context) ([]KeptModel, error)
	// Activate puts a kept model in force, or none for version 0. It fails with ErrModelNotFound.
	Activate(ctx context.Context, version uint64) error
}
