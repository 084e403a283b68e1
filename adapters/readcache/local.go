package readcache

import (
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/freshet/freshet/adapters/redisstore"
)

// local is the copies in this process. They are believed for as long as fresh says; after that they save sending and keeping the
// contents again, once the fast store has said that they are still the same.
type local struct {
	life  time.Duration
	held  *otter.Cache[string, *entry]
	gates sync.RWMutex // held alone while somebody is forgotten
	gate  uint64       // how often somebody was
}

type entry struct {
	redisstore.Copy
	epoch uint64
	kept  time.Time
	asOf  time.Time
}

// overhead is about what an entry takes beside its contents and twice its id; so it bounds how many there are.
const overhead = 400

// newLocal holds at most so many bytes, and nothing for longer than life.
func newLocal(bytes int, life time.Duration) *local {
	return &local{life: life, held: otter.Must(&otter.Options[string, *entry]{
		MaximumWeight: uint64(bytes),
		Weigher:       func(id string, e *entry) uint32 { return uint32(overhead + 2*len(id) + len(e.Contents)) },
		Executor:      func(do func()) { do() }, // nothing goes on beside the calls
	})}
}

// find answers the entry of that epoch, if there is one.
func (l *local) find(id string, epoch uint64) *entry {
	if e, ok := l.held.GetIfPresent(id); ok && e.epoch == epoch && time.Since(e.kept) < l.life {
		return e
	}
	return nil
}

// current answers the entry if it was current at the moment or after it.
func (l *local) current(id string, since time.Time) *entry {
	if e, ok := l.held.GetIfPresent(id); ok && !e.asOf.Before(since) && time.Since(e.kept) < l.life {
		return e
	}
	return nil
}

// passed is to be had before what keep is given was read.
func (l *local) passed() uint64 {
	l.gates.RLock()
	defer l.gates.RUnlock()
	return l.gate
}

// keep does nothing if somebody was forgotten since passed.
func (l *local) keep(id string, e entry, passed uint64) {
	l.gates.RLock()
	defer l.gates.RUnlock()
	if l.gate == passed {
		l.held.Set(id, &e)
	}
}

// drop makes room. What is being read may be kept all the same.
func (l *local) drop(id string) { l.held.Invalidate(id) }

// forget drops the id for good: what is being read is not kept.
func (l *local) forget(id string) (known bool) {
	l.gates.Lock()
	defer l.gates.Unlock()
	l.gate++
	_, known = l.held.Invalidate(id)
	return known
}
