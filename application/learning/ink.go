package learning

import (
	"encoding/binary"
	"hash"
	"io"
	"math"
)

// ink writes little-endian numbers and sums them up. The first error sticks.
type ink struct {
	to  io.Writer
	sum hash.Hash32
	buf []byte
	err error
}

func (w *ink) flush() {
	w.sum.Write(w.buf)
	if w.err == nil {
		_, w.err = w.to.Write(w.buf)
	}
	w.buf = w.buf[:0]
}

func (w *ink) u32(ns ...uint32) {
	for _, n := range ns {
		w.buf = binary.LittleEndian.AppendUint32(w.buf, n)
	}
	w.full()
}

func (w *ink) u64(ns ...uint64) {
	for _, n := range ns {
		w.buf = binary.LittleEndian.AppendUint64(w.buf, n)
	}
	w.full()
}

func (w *ink) text(s string) {
	w.buf = append(binary.LittleEndian.AppendUint16(w.buf, uint16(len(s))), s...)
	w.full()
}

func (w *ink) full() {
	if len(w.buf) > 1<<16 {
		w.flush()
	}
}

// eye reads what ink wrote; after the first error, which sticks, all is zero.
type eye struct {
	from io.Reader
	sum  hash.Hash32
	buf  [1 << 16]byte
	err  error
}

func (r *eye) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *eye) get(n int) []byte {
	b := r.buf[:n]
	if r.err == nil {
		if _, err := io.ReadFull(r.from, b); err != nil {
			r.fail(ErrSnapshotDamaged.Because(err))
		}
	}
	if r.err != nil {
		clear(b)
		return b
	}
	r.sum.Write(b)
	return b
}

func (r *eye) u32() uint32 { return binary.LittleEndian.Uint32(r.get(4)) }

func (r *eye) u64() uint64 { return binary.LittleEndian.Uint64(r.get(8)) }

func (r *eye) text() string {
	n := binary.LittleEndian.Uint16(r.get(2))
	if n == 0 || r.err != nil {
		return ""
	}
	return string(r.get(int(n)))
}

// count reads how many of something follow, and believes no more than is possible.
func (r *eye) count(most int) int {
	n := r.u64()
	if n > uint64(most) {
		r.fail(ErrSnapshotDamaged)
	}
	if r.err != nil {
		return 0
	}
	return int(n)
}

// number reads a finite one.
func (r *eye) number() float64 {
	x := math.Float64frombits(r.u64())
	if x-x != 0 {
		r.fail(ErrSnapshotDamaged)
		return 0
	}
	return x
}
