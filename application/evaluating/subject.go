package evaluating

import (
	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// Subject is what is measured: one feed of one configuration.
type Subject struct {
	Config   string // its version
	Feed     recommend.Definition
	Weights  engagement.Weights
	Tuning   bool // more_like_this and not_interested steer
	Student  learning.StudentOptions
	Trainer  training.Trainer
	Training training.Options
	// Build makes an instance that knows nothing yet, with the weights instead of those above.
	Build func(w engagement.Weights) Engine
}

// Engine is the parts of an instance that a service wires.
type Engine struct {
	Shelf   Shelf
	Index   recommend.Index
	Model   learning.Mind
	Signals recommend.Signals
	Bytes   func() int // that the model takes, about
}

// Shelf takes in the catalogue.
type Shelf interface {
	Apply(items []catalog.Snapshot) int
}
