package feed

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/freshet/freshet/domain/catalog"
)

// filterBits is the width of the hashes a Filter keeps: with n items held, an item that is not
// held is taken for one with probability n/2^22 (0.02 % at 1,000).
const filterBits = 22

// Filter is a compact set of item numbers with false positives and no false negatives: a
// Golomb-Rice coded set of hashes (Golomb 1966; Putze, Sanders, Singler 2009), about 13 bits an
// item at 1,000 items. The zero value is empty. It is immutable.
type Filter struct {
	hashes []uint32 // sorted, with repeats, so that Len counts items
}

// Len is how many items were added.
func (f Filter) Len() int { return len(f.hashes) }

// MayHold reports whether the item may have been added under that seed.
func (f Filter) MayHold(seed uint64, n catalog.Number) bool {
	if len(f.hashes) == 0 {
		return false
	}
	_, found := slices.BinarySearch(f.hashes, filterHash(seed, n))
	return found
}

// Covers reports whether f holds all that o holds; both were filled under one seed.
func (f Filter) Covers(o Filter) bool {
	for _, h := range o.hashes {
		if _, found := slices.BinarySearch(f.hashes, h); !found {
			return false
		}
	}
	return true
}

// With returns a filter that also holds the items. An item that f may hold already is not added.
func (f Filter) With(seed uint64, items []catalog.Number) Filter {
	hashes := make([]uint32, len(f.hashes), len(f.hashes)+len(items))
	copy(hashes, f.hashes)
	for _, n := range items {
		if !f.MayHold(seed, n) {
			hashes = append(hashes, filterHash(seed, n))
		}
	}
	slices.Sort(hashes)
	return Filter{hashes}
}

// AppendTo appends the coded filter: the count as a varint, the Rice parameter as a byte, then for
// each hash its distance to the one before, quotient in unary and remainder in binary.
func (f Filter) AppendTo(b []byte) []byte {
	n := len(f.hashes)
	b = binary.AppendUvarint(b, uint64(n))
	if n == 0 {
		return b
	}
	k := riceParameter(n)
	b = append(b, byte(k))
	w := bitWriter{buf: b}
	prev := uint32(0)
	for _, h := range f.hashes {
		d := h - prev
		prev = h
		for q := d >> k; q > 0; q-- {
			w.bit(1)
		}
		w.bit(0)
		for i := k - 1; i >= 0; i-- {
			w.bit(d >> i & 1)
		}
	}
	return w.flush()
}

// DecodeFilter reads what AppendTo wrote; ok is false when text is anything else.
func DecodeFilter[T ~string | ~[]byte](text T) (f Filter, ok bool) {
	if len(text) == 1 && text[0] == 0 {
		return Filter{}, true // which most are
	}
	b := []byte(text)
	n, used := binary.Uvarint(b)
	if used <= 0 || n > MaxServed {
		return Filter{}, false
	}
	b = b[used:]
	if n == 0 {
		return Filter{}, len(b) == 0
	}
	if len(b) == 0 || int(b[0]) != riceParameter(int(n)) {
		return Filter{}, false
	}
	k := int(b[0])
	r := bitReader{buf: b[1:]}
	f.hashes = make([]uint32, 0, n)
	prev := uint32(0)
	for range n {
		var q uint32
		for r.bit() == 1 {
			q++
			if q > 1<<filterBits>>k {
				return Filter{}, false
			}
		}
		d := q << k
		for i := k - 1; i >= 0; i-- {
			d |= r.bit() << i
		}
		prev += d
		if r.over || prev >= 1<<filterBits {
			return Filter{}, false
		}
		f.hashes = append(f.hashes, prev)
	}
	return f, r.spent()
}

// riceParameter is the best power of two below the mean distance between n hashes.
func riceParameter(n int) int { return max(0, bits.Len(uint((1<<filterBits)/n))-1) }

func filterHash(seed uint64, n catalog.Number) uint32 {
	x := seed ^ uint64(n)*0x9e3779b97f4a7c15
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return uint32(x >> (64 - filterBits))
}

type bitWriter struct {
	buf  []byte
	cur  byte
	used int
}

func (w *bitWriter) bit(v uint32) {
	w.cur = w.cur<<1 | byte(v&1)
	if w.used++; w.used == 8 {
		w.buf, w.cur, w.used = append(w.buf, w.cur), 0, 0
	}
}

func (w *bitWriter) flush() []byte {
	for w.used != 0 {
		w.bit(0)
	}
	return w.buf
}

type bitReader struct {
	buf  []byte
	at   int
	over bool
}

func (r *bitReader) bit() uint32 {
	if r.at>>3 >= len(r.buf) {
		r.over = true
		return 0
	}
	v := r.buf[r.at>>3] >> (7 - r.at&7) & 1
	r.at++
	return uint32(v)
}

// spent reports that nothing but zero padding follows.
func (r *bitReader) spent() bool {
	if r.over || len(r.buf)-r.at/8 > 1 {
		return false
	}
	for r.at&7 != 0 {
		if r.bit() != 0 {
			return false
		}
	}
	return r.at>>3 == len(r.buf)
}
