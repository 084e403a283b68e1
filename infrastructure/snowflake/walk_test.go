package snowflake_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/freshet/freshet/infrastructure/snowflake"
)

// holder is a process with a clock of its own. It goes on after its lease is another's, as one does that was paused.
type holder struct {
	gen  *snowflake.Generator
	now  time.Time
	last uint64
	term snowflake.Term
}

// TestWhateverClocksDoNoIDComesTwice lets processes with arbitrary clocks hold few numbers in turn. The only thing they have in
// common is the reach kept for each number.
func TestWhateverClocksDoNoIDComesTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := snowflake.Layout{Epoch: snowflake.JSON.Epoch, Unit: time.Second, TimeBits: 30, WorkerBits: 2, SequenceBits: 2}
		const ahead, patience = 3, 2
		reaches := map[int]time.Time{}
		seen := map[uint64]bool{}
		holders := make([]*holder, 4)
		for i := range holders {
			h := &holder{now: noon}
			h.gen = snowflake.NewGenerator(l, snowflake.Tolerance{Ahead: ahead * time.Second, Patience: patience * time.Second},
				func() time.Time { return h.now })
			holders[i] = h
		}
		pick := func(t *rapid.T) *holder { return rapid.SampledFrom(holders).Draw(t, "who") }
		t.Repeat(map[string]func(*rapid.T){
			"the clock moves": func(t *rapid.T) {
				h := pick(t)
				h.now = h.now.Add(time.Duration(rapid.IntRange(-8000, 9000).Draw(t, "by")) * time.Millisecond)
			},
			"a number changes hands": func(t *rapid.T) {
				h, worker := pick(t), rapid.IntRange(0, 1).Draw(t, "worker")
				reach := h.now
				if r := h.gen.Reached(); r.After(reach) {
					reach = r
				}
				reach = reach.Add(time.Duration(rapid.IntRange(0, 9000).Draw(t, "reach")) * time.Millisecond).Truncate(time.Millisecond)
				h.term = snowflake.Term{Worker: worker, After: reaches[worker], Reach: reach, End: h.now.Add(6 * time.Second)}
				if reach.After(reaches[worker]) {
					reaches[worker] = reach
				}
				h.gen.Grant(h.term)
			},
			"ids are issued": func(t *rapid.T) {
				h := pick(t)
				for range rapid.IntRange(1, 20).Draw(t, "how many") {
					id, wait, err := h.gen.Try()
					if wait > 0 || err != nil {
						if errors.Is(err, snowflake.ErrSpent) {
							t.Fatal(err)
						}
						return
					}
					p := l.Split(id)
					switch {
					case seen[id]:
						t.Fatalf("%d came twice", id)
					case id <= h.last:
						t.Fatalf("%d came after %d", id, h.last)
					case p.Worker != h.term.Worker:
						t.Fatalf("issued under %d, held is %d", p.Worker, h.term.Worker)
					case p.At.After(h.term.Reach) || !p.At.Add(l.Unit).After(h.term.After):
						t.Fatalf("%v is not between %v and %v", p.At, h.term.After, h.term.Reach)
					case p.At.After(h.now.Add(ahead * time.Second)):
						t.Fatalf("%v is too far ahead of %v", p.At, h.now)
					case !h.now.Before(h.term.End):
						t.Fatalf("issued at %v, the term ended at %v", h.now, h.term.End)
					}
					seen[id], h.last = true, id
				}
			},
		})
	})
}
