package catalog

// Digest is a fingerprint of a set of items with their versions, in whatever order they are added. The zero value is that of
// none. Equal sets have equal digests, and others have others but by a chance of one in 2^64.
type Digest struct {
	Items int
	Sum   uint64
}

// Add adds an item, which is not in the set yet.
func (d *Digest) Add(id ItemID, version uint64) {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	for i := 0; i < len(id); i++ {
		h = (h ^ uint64(id[i])) * prime
	}
	h = mixed(h) ^ version*0x9e3779b97f4a7c15
	d.Items++
	d.Sum += mixed(h)
}

// mixed spreads every bit over all (the end of MurmurHash3): sums of a regular hash collide.
func mixed(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
