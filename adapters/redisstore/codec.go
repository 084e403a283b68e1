package redisstore

import (
	"encoding/binary"
	"math"
	"time"
)

// What is stored is written by appending: unsigned and signed varints, texts with their length before
// them, times as Unix milliseconds. A record begins with the version of its form.

func appendText[S ~string | ~[]byte](b []byte, s S) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func appendTexts[T ~string](b []byte, all []T) []byte {
	b = binary.AppendUvarint(b, uint64(len(all)))
	for _, s := range all {
		b = appendText(b, s)
	}
	return b
}

func appendTime(b []byte, t time.Time) []byte { return binary.AppendVarint(b, t.UnixMilli()) }

// scanner takes values off the front of s. After the first that is not there, bad stays true and all
// further values are zero. Texts share memory with s, which nobody can change.
type scanner struct {
	s   string
	bad bool
}

func (r *scanner) fail() { r.bad, r.s = true, "" }

func (r *scanner) uvarint() uint64 {
	var v uint64
	for i := 0; i < len(r.s) && i < binary.MaxVarintLen64; i++ {
		c := r.s[i]
		if i == binary.MaxVarintLen64-1 && c > 1 {
			break
		}
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			r.s = r.s[i+1:]
			return v
		}
	}
	r.fail()
	return 0
}

func (r *scanner) varint() int64 {
	u := r.uvarint()
	v := int64(u >> 1)
	if u&1 != 0 {
		v = ^v
	}
	return v
}

func (r *scanner) int() int {
	v := r.uvarint()
	if v > math.MaxInt32 {
		r.fail()
		return 0
	}
	return int(v)
}

// count reads how many values of at least size bytes follow.
func (r *scanner) count(size int) int {
	n := r.uvarint()
	if n > uint64(len(r.s)/size) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *scanner) byte() byte {
	if r.s == "" {
		r.fail()
		return 0
	}
	c := r.s[0]
	r.s = r.s[1:]
	return c
}

func (r *scanner) uint32() uint32 {
	if len(r.s) < 4 {
		r.fail()
		return 0
	}
	v := uint32(r.s[0])<<24 | uint32(r.s[1])<<16 | uint32(r.s[2])<<8 | uint32(r.s[3])
	r.s = r.s[4:]
	return v
}

func (r *scanner) uint64() uint64 { return uint64(r.uint32())<<32 | uint64(r.uint32()) }

func (r *scanner) text() string {
	n := r.count(1)
	t := r.s[:n]
	r.s = r.s[n:]
	return t
}

// texts returns nil for none.
func (r *scanner) texts() []string { return textsAs[string](r) }

func textsAs[T ~string](r *scanner) []T {
	n := r.count(1)
	if n == 0 {
		return nil
	}
	all := make([]T, n)
	for i := range all {
		all[i] = T(r.text())
	}
	return all
}

// time returns the zero time for the zero time.
func (r *scanner) time() time.Time { return time.UnixMilli(r.varint()).UTC() }

// done reports that everything was there and nothing is left.
func (r *scanner) done() bool { return !r.bad && r.s == "" }
