package evaluating

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/freshet/freshet/domain/recommend"
)

// class is the pipelines of a run, which study together; it implements learning.Feed. What it answers is what became
// of the first one's study.
type class struct {
	pipelines []*recommend.Pipeline
	lessons   []lessons
}

// lessons say how often what viewers went on to was among what the sources had proposed.
type lessons struct{ all, found, candidates int }

// Study implements learning.Feed.
func (c *class) Study(q *recommend.Query, chosen recommend.Ordinal) (first recommend.Lesson) {
	each(len(c.pipelines), func(i int) {
		l := c.pipelines[i].Study(q, chosen)
		s := &c.lessons[i]
		s.all++
		s.candidates += l.Candidates
		if l.Found {
			s.found++
		}
		if i == 0 {
			first = l
		}
	})
	return first
}

// each calls do for 0 to n-1, several at a time.
func each(n int, do func(i int)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	if workers < 2 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	all.Wait()
}
