package memindex

import "sync/atomic"

// table is a hash table from 32-bit hashes to dense numbers that only grows. A reader may look into
// slots it was once given while the one writer adds to them: it then may or may not find what was
// added since, and always finds what was there before.
type table struct {
	slots []uint64 // hash<<32 | number+1; 0: empty
	used  int
}

// tableFor has room for so many numbers.
func tableFor(n int) (t table) {
	size := 16
	for n >= size/4*3 {
		size *= 2
	}
	return table{slots: make([]uint64, size)}
}

// add enters the number under the hash; the caller made sure it is not there yet.
func (t *table) add(hash, number uint32) {
	if t.used >= len(t.slots)/4*3 {
		t.grow()
	}
	put(t.slots, uint64(hash)<<32|uint64(number+1))
	t.used++
}

func (t *table) grow() {
	slots := make([]uint64, max(16, 2*len(t.slots)))
	for _, s := range t.slots {
		if s != 0 {
			put(slots, s)
		}
	}
	t.slots = slots
}

func put(slots []uint64, s uint64) {
	mask := uint32(len(slots) - 1)
	at := uint32(s>>32) & mask
	for slots[at] != 0 {
		at = (at + 1) & mask
	}
	atomic.StoreUint64(&slots[at], s)
}

// probe walks the numbers entered under one hash.
type probe struct {
	slots []uint64
	hash  uint32
	at    uint32
}

func look(slots []uint64, hash uint32) probe { return probe{slots, hash, hash} }

// next returns one more number, or false when there are no more.
func (p *probe) next() (uint32, bool) {
	if len(p.slots) == 0 {
		return 0, false
	}
	mask := uint32(len(p.slots) - 1)
	for {
		s := atomic.LoadUint64(&p.slots[p.at&mask])
		if s == 0 {
			return 0, false
		}
		p.at++
		if uint32(s>>32) == p.hash {
			return uint32(s) - 1, true
		}
	}
}

// scramble spreads the bits of a number.
func scramble(n uint64) uint32 {
	n ^= n >> 33
	n *= 0xff51afd7ed558ccd
	n ^= n >> 33
	n *= 0xc4ceb9fe1a85ec53
	return uint32(n >> 32)
}
