package memindex

import (
	"sync/atomic"

	"github.com/freshet/freshet/domain/recommend"
)

// How many answers are kept, and how many items one names at least.
const (
	keptAnswers = 1 << answerBits
	answerBits  = 10
	leastAnswer = 64
)

// question asks what is trending, and answers to the same question are the same: it names all that they follow from.
type question struct {
	shelf   recommend.Shelf
	turns   uint64 // of the learner
	version uint64 // of the index
	at      int64  // Unix milliseconds
}

// answer is never changed.
type answer struct {
	question
	items []recommend.Ordinal
	whole bool // there are no more
}

// answers are the last ones, so that what many viewers ask for between two events is ranked once.
type answers [keptAnswers]atomic.Pointer[answer]

// to is the answer when it is known for so many items, else nil.
func (x *answers) to(q question, want int) *answer {
	a := x[q.place()].Load()
	if a == nil || a.question != q || !a.whole && len(a.items) < want {
		return nil
	}
	return a
}

func (x *answers) keep(a *answer) { x[a.place()].Store(a) }

// place is where the answer is kept, alone.
func (q *question) place() uint32 {
	if q.shelf.All {
		return 0
	}
	return scramble(uint64(q.shelf.Field)<<32|uint64(q.shelf.Term)) % keptAnswers
}
