package learning

import (
	"context"

	"github.com/freshet/freshet/domain/engagement"
)

const batch = 2000

// Replayed is how many of the newest events an instance learns from when it starts.
const Replayed = 2_000_000

// Model learns from events in the order of the log; those it has learned already it ignores.
type Model interface {
	Learn(events []engagement.Logged)
	Model() uint64
}

// Mind is a Model that also learns what was left out at its turn.
type Mind interface {
	Model
	// Late learns events up to Model, in this order, each time anew. Model stays.
	Late(events []engagement.Logged)
}

// Learner follows the log.
type Learner struct {
	log   engagement.EventLog
	model Model
	after engagement.Offset
}

// NewLearner starts, on the first call of CatchUp, with what the model has not learned yet, but at most Replayed events
// before the end of the log.
func NewLearner(log engagement.EventLog, model Model) *Learner {
	return &Learner{log: log, model: model}
}

// CatchUp learns everything up to the end of the log and returns how many events that were. It is
// not safe for concurrent use.
func (l *Learner) CatchUp(ctx context.Context) (int, error) {
	if l.after == 0 {
		head, err := l.log.Head(ctx)
		if err != nil {
			return 0, err
		}
		l.after = engagement.Offset(l.model.Model())
		if head > Replayed {
			l.after = max(l.after, head-Replayed)
		}
	}
	learned := 0
	for {
		events, err := l.log.Read(ctx, l.after, batch)
		if err != nil {
			return learned, err
		}
		if len(events) > 0 {
			l.model.Learn(events)
			l.after = events[len(events)-1].Offset
			learned += len(events)
		}
		if len(events) < batch {
			return learned, nil
		}
	}
}
