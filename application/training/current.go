package training

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/freshet/freshet/domain/recommend"
)

// Current is the model in force, as far as this process has heard. It implements recommend.Models.
type Current struct {
	models     recommend.ModelStore
	unreadable func(version uint64, err error)
	held       atomic.Pointer[held]
	refused    uint64 // the version that could not be read last
	failures   atomic.Int64
}

type held struct {
	linear *recommend.Model
	how    recommend.Training
}

// NewCurrent holds no model yet. unreadable hears of every one that cannot be read.
func NewCurrent(models recommend.ModelStore, unreadable func(version uint64, err error)) *Current {
	return &Current{models: models, unreadable: unreadable}
}

// Model implements recommend.Models.
func (c *Current) Model() *recommend.Model {
	if h := c.held.Load(); h != nil {
		return h.linear
	}
	return nil
}

// Training is how the model in force came to be, the zero value when there is none.
func (c *Current) Training() recommend.Training {
	if h := c.held.Load(); h != nil {
		return h.how
	}
	return recommend.Training{}
}

// Unreadable counts the models that could not be read.
func (c *Current) Unreadable() int64 { return c.failures.Load() }

// Follow takes up the model in force, if it is another one than before, and returns 1 if it did. One that cannot be
// read is passed over: the one before stays. It is not safe for concurrent use.
func (c *Current) Follow(ctx context.Context) (int, error) {
	version, err := c.models.Active(ctx)
	if err != nil || version == c.Model().Version() {
		return 0, err
	}
	if version == 0 {
		c.held.Store(nil)
		return 1, nil
	}
	if version == c.refused {
		return 0, nil
	}
	linear, how, err := c.models.Load(ctx, version)
	switch {
	case errors.Is(err, recommend.ErrModelUnreadable):
		c.refused = version
		c.failures.Add(1)
		c.unreadable(version, err)
		return 0, nil
	case err != nil: // a newer one may have pushed it out meanwhile
		return 0, err
	}
	c.held.Store(&held{linear, how})
	return 1, nil
}
