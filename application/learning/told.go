package learning

import (
	"sync/atomic"

	"github.com/freshet/freshet/domain/recommend"
)

// Told are the signals of a student's model with the offset of the log. The model's own is ahead of it by as many events
// as were learned late.
type Told struct {
	recommend.Signals
	student atomic.Pointer[Student]
}

// NewTold gives the signals' own offset until By is called.
func NewTold(signals recommend.Signals) *Told { return &Told{Signals: signals} }

// By says who learns from the log.
func (t *Told) By(s *Student) { t.student.Store(s) }

// Model implements recommend.Signals.
func (t *Told) Model() uint64 {
	if s := t.student.Load(); s != nil {
		return s.Model()
	}
	return t.Signals.Model()
}
