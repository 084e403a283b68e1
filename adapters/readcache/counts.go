package readcache

import "sync/atomic"

// tier counts what a tier was asked.
type tier struct{ hits, misses, skips atomic.Uint64 }

func (t *tier) hit()  { t.hits.Add(1) }
func (t *tier) miss() { t.misses.Add(1) }
func (t *tier) skip() { t.skips.Add(1) }

func (t *tier) note(err error) {
	if err != nil {
		t.skip()
		return
	}
	t.hit()
}

type counts struct {
	local, filter, redis, sql tier
	waits, late               atomic.Uint64
}

// TierStats is what one tier was asked: it answered, had to ask the next, or could not be asked.
type TierStats struct{ Hits, Misses, Skips uint64 }

func (t *tier) stats() TierStats { return TierStats{t.hits.Load(), t.misses.Load(), t.skips.Load()} }

// Stats is how reads of one kind were answered.
type Stats struct {
	Local, Filter, Redis, SQL TierStats
	Joined                    uint64 // reads answered by what another of this process asked
	Waits                     uint64 // pauses in which another instance read the source
	Late                      uint64 // reads that waited long enough, and asked the source themselves
	Bytes                     uint64 // of copies in this process
	Entries                   int
}

func (t *tiers) stats() Stats {
	return Stats{
		Local: t.counts.local.stats(), Filter: t.counts.filter.stats(), Redis: t.counts.redis.stats(), SQL: t.counts.sql.stats(),
		Joined: t.flights.count(), Waits: t.counts.waits.Load(), Late: t.counts.late.Load(),
		Bytes: t.local.held.WeightedSize(), Entries: t.local.held.EstimatedSize(),
	}
}
