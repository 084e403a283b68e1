package recommend

// table maps numbers to small values without allocating between uses: open addressing with linear
// probing, emptied in constant time by a new stamp. It never holds more than half its slots.
type table struct {
	slots []slot
	stamp uint32
	n     int
}

type slot struct {
	key   uint64
	val   float32
	stamp uint32
}

// reset empties the table and makes room for n keys.
func (t *table) reset(n int) {
	size := 64
	for size < 2*n {
		size *= 2
	}
	if len(t.slots) < size {
		t.slots, t.stamp = make([]slot, size), 0
	}
	if t.stamp++; t.stamp == 0 {
		clear(t.slots)
		t.stamp = 1
	}
	t.n = 0
}

// at returns the place of key's value, made zero when the key is new.
func (t *table) at(key uint64) *float32 {
	if 2*(t.n+1) > len(t.slots) {
		t.grow()
	}
	s := t.find(key)
	if s.stamp != t.stamp {
		*s = slot{key: key, stamp: t.stamp}
		t.n++
	}
	return &s.val
}

// get returns key's value, 0 when it is not held.
func (t *table) get(key uint64) float32 {
	if t.n == 0 {
		return 0
	}
	if s := t.find(key); s.stamp == t.stamp {
		return s.val
	}
	return 0
}

// add adds v to key's value.
func (t *table) add(key uint64, v float32) { *t.at(key) += v }

func (t *table) find(key uint64) *slot {
	mask := uint64(len(t.slots) - 1)
	for i := scatter(key) & mask; ; i = (i + 1) & mask {
		if s := &t.slots[i]; s.stamp != t.stamp || s.key == key {
			return s
		}
	}
}

func (t *table) grow() {
	old, stamp := t.slots, t.stamp
	n := t.n
	t.slots = make([]slot, max(64, 2*len(old)))
	t.stamp, t.n = 1, n
	for _, s := range old {
		if s.stamp == stamp {
			f := t.find(s.key)
			*f = slot{key: s.key, val: s.val, stamp: 1}
		}
	}
}

func scatter(x uint64) uint64 {
	x *= 0x9e3779b97f4a7c15
	return x ^ x>>29
}
