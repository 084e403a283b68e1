package learning

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// Restudied is how many events an instance studies when it starts and is behind by more: a sample of them, so that a start
// does not take minutes.
const Restudied = 10_000

// keyOf stands for what a feed's weights begin with: other weights or other features learn anew.
func keyOf(d recommend.Definition) string {
	learned := slices.Sorted(slices.Values(d.Learned))
	h := sha256.New()
	for _, name := range learned {
		fmt.Fprintf(h, "%s=%x\n", name, d.Weights[name])
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Blends keeps what a student's feeds learn in the durable store.
type Blends struct {
	student *Student
	store   recommend.BlendStore
	log     engagement.EventLog
	ignored func(feed string, err error)
	saved   []uint64 // by course: up to where
}

// NewBlends wires the parts; ignored hears of what cannot be read, and may be nil.
func NewBlends(student *Student, store recommend.BlendStore, log engagement.EventLog, ignored func(feed string, err error)) *Blends {
	if ignored == nil {
		ignored = func(string, error) {}
	}
	return &Blends{student, store, log, ignored, make([]uint64, len(student.courses))}
}

// Restore lets every feed go on from what is kept, or from what the student has if that is newer. A feed of which
// nothing is kept begins as configured. Of what happened since, Restudied events are studied. It comes after the Notebook's and before the
// first event.
func (b *Blends) Restore(ctx context.Context) error {
	head, err := b.log.Head(ctx)
	if err != nil {
		return err
	}
	for i := range b.student.courses {
		c := &b.student.courses[i]
		if c.blend == nil {
			continue
		}
		kept, err := b.store.Load(ctx, c.name, c.key)
		switch {
		case errors.Is(err, recommend.ErrBlendUnreadable):
			b.ignored(c.name, err)
		case errors.Is(err, recommend.ErrBlendNotFound):
		case err != nil:
			return err
		case kept.UpTo > uint64(head):
			b.ignored(c.name, recommend.ErrBlendUnreadable.Saying("it was learned from events that the log does not hold"))
		default:
			b.student.resume(c, kept)
			b.saved[i] = kept.UpTo
		}
		b.student.hasten(c, head)
	}
	return nil
}

// Save keeps what feeds learned since they were saved last. It always answers 0: what is new by then can wait. It is
// not safe for concurrent use.
func (b *Blends) Save(ctx context.Context) (int, error) {
	for i := range b.student.courses {
		c := &b.student.courses[i]
		if c.blend == nil {
			continue
		}
		kept := b.student.lessons(c)
		if kept.UpTo <= b.saved[i] {
			continue
		}
		if err := b.store.Save(ctx, c.name, c.key, kept); err != nil {
			return 0, err
		}
		b.saved[i] = kept.UpTo
	}
	return 0, nil
}

// resume goes on from what is kept, unless the student is farther.
func (s *Student) resume(c *course, kept recommend.KeptBlend) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if up := engagement.Offset(kept.UpTo); up > c.after {
		c.blend.Restore(kept.Learned)
		c.after = up
		if c.counted == 0 {
			c.choices, c.counted = kept.Choices, up
		}
	}
}

// hasten has a course study a sample of what it is behind.
func (s *Student) hasten(c *course, head engagement.Offset) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := min(head-min(head, c.after), Replayed); n > Restudied {
		c.behind, c.share = head, float64(Restudied)/float64(n)
	}
}

// lessons is what a feed learned so far.
func (s *Student) lessons(c *course) recommend.KeptBlend {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept(c)
}

func (s *Student) kept(c *course) recommend.KeptBlend {
	return recommend.KeptBlend{Learned: c.blend.Learned(), UpTo: max(s.Model(), uint64(c.after)), Choices: c.choices}
}
