package memindex

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"
)

// streamBuffer is how much of a snapshot is in memory at a time; no single value is longer.
const streamBuffer = 1 << 17

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encoder writes little-endian values and, at the end, their checksum. The first error sticks.
type encoder struct {
	w   io.Writer
	buf []byte
	sum uint32
	err error
}

func newEncoder(w io.Writer) *encoder { return &encoder{w: w, buf: make([]byte, 0, streamBuffer)} }

func (e *encoder) room(n int) {
	if len(e.buf)+n > cap(e.buf) {
		e.flush()
	}
}

func (e *encoder) flush() {
	e.sum = crc32.Update(e.sum, castagnoli, e.buf)
	if e.err == nil {
		_, e.err = e.w.Write(e.buf)
	}
	e.buf = e.buf[:0]
}

func (e *encoder) u32(n uint32) {
	e.room(4)
	e.buf = binary.LittleEndian.AppendUint32(e.buf, n)
}

func (e *encoder) u64(n uint64) {
	e.room(8)
	e.buf = binary.LittleEndian.AppendUint64(e.buf, n)
}

func (e *encoder) f32(x float32) { e.u32(math.Float32bits(x)) }

func (e *encoder) f64(x float64) { e.u64(math.Float64bits(x)) }

// key writes a number that may be minus infinity.
func (e *encoder) key(x float64) { e.f64(x) }

func (e *encoder) flag(b bool) {
	var n uint32
	if b {
		n = 1
	}
	e.u32(n)
}

// text is at most 64 KiB.
func (e *encoder) text(s string) {
	e.room(2 + len(s))
	e.buf = binary.LittleEndian.AppendUint16(e.buf, uint16(len(s)))
	e.buf = append(e.buf, s...)
}

func (e *encoder) close() error {
	e.flush()
	e.u32(e.sum)
	e.flush()
	return e.err
}

// decoder reads what an encoder wrote. After the first error, which sticks, all it reads is zero. It believes no length
// before it was compared with what is possible.
type decoder struct {
	r               io.Reader
	buf             []byte
	at, end, summed int
	sum             uint32
	err             error
}

func newDecoder(r io.Reader) *decoder { return &decoder{r: r, buf: make([]byte, streamBuffer)} }

func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// take returns the next n bytes, nil after an error.
func (d *decoder) take(n int) []byte {
	if d.err != nil {
		return nil
	}
	if d.end-d.at < n {
		d.settle()
		d.end = copy(d.buf, d.buf[d.at:d.end])
		d.at, d.summed = 0, 0
		read, err := io.ReadAtLeast(d.r, d.buf[d.end:], n-d.end)
		d.end += read
		if err != nil {
			d.fail(ErrDamaged.Because(err))
			return nil
		}
	}
	b := d.buf[d.at : d.at+n]
	d.at += n
	return b
}

// settle adds what was taken to the checksum.
func (d *decoder) settle() {
	d.sum = crc32.Update(d.sum, castagnoli, d.buf[d.summed:d.at])
	d.summed = d.at
}

func (d *decoder) u32() uint32 {
	if b := d.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (d *decoder) u64() uint64 {
	if b := d.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (d *decoder) f32() float32 {
	x := math.Float32frombits(d.u32())
	if x-x != 0 {
		d.fail(ErrDamaged)
		return 0
	}
	return x
}

func (d *decoder) f64() float64 {
	x := d.key()
	if math.IsInf(x, 0) {
		d.fail(ErrDamaged)
		return 0
	}
	return x
}

func (d *decoder) key() float64 {
	x := math.Float64frombits(d.u64())
	if x != x || math.IsInf(x, 1) {
		d.fail(ErrDamaged)
		return 0
	}
	return x
}

func (d *decoder) flag() bool { return d.between(0, 1) == 1 }

// between reads a number from low to high.
func (d *decoder) between(low, high int) uint32 {
	n := d.u32()
	if int64(n) < int64(low) || int64(n) > int64(high) {
		d.fail(ErrDamaged)
	}
	if d.err != nil {
		return 0
	}
	return n
}

// count reads how many of something follow, and fails with an error where those are too many.
func (d *decoder) count(most int, tooMany error) int {
	n := d.u32()
	if int64(n) > int64(most) {
		d.fail(tooMany)
	}
	if d.err != nil {
		return 0
	}
	return int(n)
}

func (d *decoder) text(most int) string {
	b := d.take(2)
	if b == nil {
		return ""
	}
	n := int(binary.LittleEndian.Uint16(b))
	if n > most {
		d.fail(ErrDamaged)
	}
	return string(d.take(n))
}

func (d *decoder) close() error {
	d.settle()
	sum := d.sum
	if d.u32() != sum {
		d.fail(ErrDamaged)
	}
	return d.err
}
