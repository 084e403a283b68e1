package training

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/recommend"
)

// Why nothing was trained.
var (
	ErrTooLittle = fault.New(fault.Conflict, "too_little_to_learn", "a model takes two items that two viewers each liked")
	ErrTraining  = fault.New(fault.Conflict, "training_elsewhere", "another process is training")
	errLost      = fault.New(fault.Conflict, "training_lost", "this process was silent for so long that another one trains now")
)

// Task is what a Trainer works on.
type Task struct {
	Items int
	// Liked gives for each viewer the places (0 to Items-1, each once) of what the viewer liked, in order. It can be
	// read again; what it gives is read-only and ends with the next one.
	Liked  iter.Seq[[]uint32]
	Lambda float64 // above 0
	// Examples is how many likes the recurrent part is shown, again and again; 0: there is to be none.
	Examples int
	// Begun is a recurrent part for the same items that was trained with nearly the same likes: there the work goes on, with
	// an eighth of the examples. Nil: it begins at nothing.
	Begun *recommend.Recurrent
	// Workers is how many threads compute.
	Workers int
	// Step is called as the work goes on, many times a second if it can be. When it fails, the work ends with its error.
	Step func(done, total int) error
}

// Trainer makes the parts of a model: a row for each item, in which an item says nothing for itself, and a recurrent part or
// nil. The same task gives the same model on the same kind of machine, however many workers there are.
type Trainer interface {
	Train(ctx context.Context, t Task) ([]recommend.LinearRow, *recommend.Recurrent, error)
}

// Turn lets one process train at a time. It may fail with a fault of kind Unavailable.
type Turn interface {
	// Take takes the turn, or keeps it, from now on for that long. Without an error it says whether owner has it.
	Take(ctx context.Context, owner string, long time.Duration) (bool, error)
	// Give ends the turn if owner has it.
	Give(ctx context.Context, owner string) error
}

// turnLength is how long others wait for a process that died while it trained.
const turnLength = time.Minute

// Options say how to train.
type Options struct {
	Items   int     // at most so many, the most popular; up to recommend.MaxModelItems
	Viewers int     // at most so many, those whose last like is the newest
	Lambda  float64 // above 0; more makes for smaller weights
	Workers int     // threads
	// Examples is how many likes the recurrent part is shown, again and again; 0: there is none.
	Examples int
	// Tolerance is how much worse than the model in force a new one may be, as a share of that one's NDCG.
	Tolerance float64
}

// Phase is a part of training.
type Phase string

// The phases, in order.
const (
	Reading    Phase = "reading the log"
	Rehearsing Phase = "training without each viewer's last"
	Measuring  Phase = "measuring"
	Fitting    Phase = "training"
	Storing    Phase = "storing"
)

// Progress hears how far a phase has come. It is called often, and by one goroutine at a time.
type Progress func(p Phase, done, total int64)

// Train is the use case.
type Train struct {
	log       engagement.EventLog
	weights   engagement.Weights
	trainer   Trainer
	models    Models
	catalogue Catalogue
	turn      Turn
	owner     string
	clock     func() time.Time
}

// NewTrain wires the use case; owner is a name that no other process has.
func NewTrain(log engagement.EventLog, weights engagement.Weights, trainer Trainer, models Models, catalogue Catalogue, turn Turn, owner string, clock func() time.Time) *Train {
	return &Train{log, weights, trainer, models, catalogue, turn, owner, clock}
}

// Run reads the whole log, trains without the last item of each viewer to measure, trains on everything, keeps the model and,
// unless it is found wanting (Verdict), puts it in force. Items that are removed stay out of it. It fails with ErrTraining while another process trains, and with ErrTooLittle. When ctx ends,
// it ends after the step it is at, and nothing has changed.
func (t *Train) Run(ctx context.Context, o Options, tell Progress) (Made, error) {
	r := &run{Train: t, options: o, tell: tell, began: t.clock()}
	has, err := t.turn.Take(ctx, t.owner, turnLength)
	if err != nil {
		return Made{}, err
	}
	if !has {
		return Made{}, ErrTraining
	}
	r.kept = r.began
	how, err := r.all(ctx)
	if !errors.Is(err, errLost) {
		_ = t.turn.Give(context.WithoutCancel(ctx), t.owner) // if it fails, the turn runs out by itself
	}
	return how, err
}

// run is one training.
type run struct {
	*Train
	options Options
	tell    Progress
	began   time.Time
	kept    time.Time // when the turn was taken or kept last
}

func (r *run) all(ctx context.Context) (made Made, err error) {
	how := &made.Training
	h := newHistories(r.weights, r.options.Viewers)
	if how.UpTo, how.Events, err = r.read(ctx, h); err != nil {
		return made, err
	}
	items, err := h.choose(min(r.options.Items, recommend.MaxModelItems), func(ids []catalog.ItemID) ([]bool, error) {
		return r.catalogue.Removed(ctx, ids)
	})
	if err != nil {
		return made, err
	}
	if len(items) < 2 {
		return made, ErrTooLittle
	}
	how.Items, how.Viewers, how.Lambda = len(items), len(h.all), r.options.Lambda
	rehearsed, err := r.train(ctx, Rehearsing, items, h.butLast, nil)
	if err != nil {
		return made, err
	}
	if made.Verdict, err = r.measure(ctx, rehearsed, h, how); err != nil {
		return made, err
	}
	m, err := r.train(ctx, Fitting, items, h.whole, rehearsed.Recurrent())
	if err != nil {
		return made, err
	}
	err = r.store(ctx, m, &made)
	return made, err
}

func (r *run) train(ctx context.Context, p Phase, items []catalog.ItemID, liked iter.Seq[[]uint32], begun *recommend.Recurrent) (*recommend.Model, error) {
	rows, recurrent, err := r.trainer.Train(ctx, Task{
		Items: len(items), Liked: liked, Lambda: r.options.Lambda, Examples: r.options.Examples, Begun: begun, Workers: max(1, r.options.Workers),
		Step: func(done, total int) error { return r.step(ctx, p, int64(done), int64(total)) },
	})
	if err != nil {
		return nil, err
	}
	return recommend.NewModel(0, items, rows, recurrent), nil
}

func (r *run) store(ctx context.Context, m *recommend.Model, made *Made) (err error) {
	if err := r.step(ctx, Storing, 0, 1); err != nil {
		return err
	}
	made.At = r.clock().UTC().Truncate(time.Millisecond)
	made.Took = made.At.Sub(r.began).Truncate(time.Millisecond)
	if made.Version, err = r.models.Keep(ctx, m, made.Training, made.Verdict); err != nil {
		return err
	}
	r.tell(Storing, 1, 1)
	return nil
}

// step tells how far it has come, ends with ctx, and keeps the turn.
func (r *run) step(ctx context.Context, p Phase, done, total int64) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	r.tell(p, done, total)
	now := r.clock()
	if now.Sub(r.kept) < turnLength/4 {
		return nil
	}
	has, err := r.turn.Take(ctx, r.owner, turnLength)
	switch {
	case err == nil && !has:
		return errLost
	case err != nil && now.Sub(r.kept) > turnLength/2:
		return err
	case err == nil:
		r.kept = now
	}
	return nil
}

// batch is how many events are read at once.
const batch = 5000

// read takes in the log as it is now.
func (r *run) read(ctx context.Context, h *histories) (upTo, events uint64, err error) {
	head, err := r.log.Head(ctx)
	if err != nil {
		return 0, 0, err
	}
	for after := engagement.Offset(0); after < head; {
		if err := r.step(ctx, Reading, int64(after), int64(head)); err != nil {
			return 0, 0, err
		}
		some, err := r.log.Read(ctx, after, batch)
		if err != nil {
			return 0, 0, err
		}
		if len(some) == 0 {
			break // the newest were erased
		}
		for i := range some {
			if some[i].Offset <= head {
				h.take(&some[i])
				events++
			}
		}
		after = some[len(some)-1].Offset
	}
	return uint64(head), events, r.step(ctx, Reading, int64(head), int64(head))
}
