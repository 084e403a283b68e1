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
	at := 0
	for _, h := range o.hashes {
		for at < len(f.hashes) && f.hashes[at] < h {
			at++
		}
		if at == len(f.hashes) || f.hashes[at] != h {
			return false
		}
	}
	return true
}

// With returns a filter that also holds the items. An item that f may hold already is not added.
func (f Filter) With(seed uint64, items []catalog.Number) Filter { return f.withAll(f, seed, items) }

// withAll is With, but that only what base may hold is not added: f is base with some items, and others are added to it.
func (f Filter) withAll(base Filter, seed uint64, items []catalog.Number) Filter {
	n := len(f.hashes)
	hashes := make([]uint32, n+len(items))
	fresh := hashes[n:n]
	for _, item := range items {
		if !base.MayHold(seed, item) {
			fresh = append(fresh, filterHash(seed, item))
		}
	}
	slices.Sort(fresh)
	hashes = hashes[:n+len(fresh)]
	var room [MaxPageSize]uint32
	late := append(room[:0], fresh...)
	for to, left := len(hashes)-1, n-1; len(late) > 0; to-- { // from the largest on, so that nothing is overwritten
		if last := late[len(late)-1]; left < 0 || f.hashes[left] <= last {
			hashes[to], late = last, late[:len(late)-1]
		} else {
			hashes[to], left = f.hashes[left], left-1
		}
		if len(late) == 0 {
			copy(hashes, f.hashes[:left+1])
		}
	}
	if len(fresh) == 0 {
		copy(hashes, f.hashes)
	}
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
		q := d >> k
		for ; q >= 16; q -= 16 {
			w.put(1<<16-1, 16)
		}
		w.put(1<<(q+1)-2, int(q)+1)
		w.put(d&(1<<k-1), k)
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
		q := r.ones(1 << filterBits >> k)
		if q > 1<<filterBits>>k {
			return Filter{}, false
		}
		prev += q<<k | r.bits(k)
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
	held uint64
	used int // of held, below 8 between calls
}

// put writes the lowest n bits of v, at most 32; the others are zero.
func (w *bitWriter) put(v uint32, n int) {
	w.held, w.used = w.held<<n|uint64(v), w.used+n
	for w.used >= 8 {
		w.used -= 8
		w.buf = append(w.buf, byte(w.held>>w.used))
	}
}

func (w *bitWriter) flush() []byte {
	if w.used > 0 {
		w.put(0, 8-w.used)
	}
	return w.buf
}

type bitReader struct {
	buf  []byte
	at   int
	over bool
}

// window is what comes next, at least 57 bits of it, the first in the highest; zeros follow the end.
func (r *bitReader) window() uint64 {
	at := r.at >> 3
	if at+8 <= len(r.buf) {
		return binary.BigEndian.Uint64(r.buf[at:]) << (r.at & 7)
	}
	var v uint64
	for i := range 8 {
		v <<= 8
		if at+i < len(r.buf) {
			v |= uint64(r.buf[at+i])
		}
	}
	return v << (r.at & 7)
}

// ones counts the ones up to a zero, which is read, too; more than most are counted no further.
func (r *bitReader) ones(most uint32) (q uint32) {
	for {
		n := min(bits.LeadingZeros64(^r.window()), 56)
		q += uint32(n)
		if n < 56 || q > most {
			r.skip(n + 1)
			return q
		}
		r.skip(n)
	}
}

// bits reads n bits, at most 32.
func (r *bitReader) bits(n int) uint32 {
	v := uint32(r.window() >> (64 - n)) // n may be 0: then all is shifted out
	r.skip(n)
	return v
}

func (r *bitReader) skip(n int) {
	r.at += n
	r.over = r.over || r.at > 8*len(r.buf)
}

// spent reports that nothing but zero padding follows.
func (r *bitReader) spent() bool {
	if r.over || len(r.buf)-r.at/8 > 1 {
		return false
	}
	return r.at>>3 == len(r.buf) || r.buf[r.at>>3]<<(r.at&7) == 0
}
