package redisstore

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// alphabet orders the letters that ids are mostly made of, so that digits and hexadecimal ids take 4 bits a letter, base32 ones
// 5 and base64 ones 6.
const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"

const notInAlphabet = 0xff

// letters are the places of bytes in the alphabet.
var letters = func() (places [256]byte) {
	for i := range places {
		places[i] = notInAlphabet
	}
	for i := range len(alphabet) {
		places[alphabet[i]] = byte(i)
	}
	return places
}()

const (
	longText = 63 // the length in the head of a packed text of that many letters or more; the rest follows
	rawText  = 0  // the form of a text with other letters; form n has n+3 bits a letter
)

func bitsOf(form byte) int {
	if form == rawText {
		return 8
	}
	return int(form) + 3
}

func formOf[S ~string](s S) (form byte) {
	form = 1
	for i := range len(s) {
		switch place := letters[s[i]]; {
		case place == notInAlphabet:
			return rawText
		case place >= 32:
			form = 3
		case place >= 16:
			form = max(form, 2)
		}
	}
	return form
}

// appendPacked writes a text in as few bytes as its letters allow: its form (2 bits), its length (6), its letters, the first in the
// highest bits. Equal texts are equal bytes, and none is the beginning of another.
func appendPacked[S ~string](b []byte, s S) []byte {
	form := formOf(s)
	b = append(b, form<<6|byte(min(len(s), longText)))
	if len(s) >= longText {
		b = binary.AppendUvarint(b, uint64(len(s)-longText))
	}
	if form == rawText {
		return append(b, s...)
	}
	size, held, bits := bitsOf(form), uint(0), 0
	for i := range len(s) {
		held, bits = held<<size|uint(letters[s[i]]), bits+size
		for bits >= 8 {
			bits -= 8
			b = append(b, byte(held>>bits))
		}
	}
	if bits > 0 {
		b = append(b, byte(held<<(8-bits)))
	}
	return b
}

// packed reads a packed text as it is written, without reading its letters.
func (r *scanner) packed() (form byte, n int, text string) {
	head := r.byte()
	form, n = head>>6, int(head&longText)
	if n == longText {
		n += r.int()
	}
	size := (n*bitsOf(form) + 7) / 8
	if size > len(r.s) {
		r.fail()
		return rawText, 0, ""
	}
	text, r.s = r.s[:size], r.s[size:]
	return form, n, text
}

// appendUnpacked appends the letters of what packed returned.
func appendUnpacked(b []byte, form byte, n int, text string) []byte {
	if form == rawText {
		return append(b, text...)
	}
	from := len(b)
	b = slices.Grow(b, n)[:from+n]
	to := b[from:]
	size := uint(bitsOf(form))
	mask := uint64(1)<<size - 1
	for ; len(to) >= 8 && len(text) >= 8; to, text = to[8:], text[size:] { // eight letters are as many bytes as one has bits
		held := uint64(text[0])<<56 | uint64(text[1])<<48 | uint64(text[2])<<40 | uint64(text[3])<<32 |
			uint64(text[4])<<24 | uint64(text[5])<<16 | uint64(text[6])<<8 | uint64(text[7])
		for i := range 8 {
			held = bits.RotateLeft64(held, int(size))
			to[i] = alphabet[held&mask&63]
		}
	}
	held, left := uint64(0), uint(0)
	for i, next := 0, 0; i < len(to); i++ {
		if left < size {
			held, left, next = held<<8|uint64(text[next]), left+8, next+1
		}
		left -= size
		to[i] = alphabet[held>>left&mask&63]
	}
	return b
}

// uintOf reads a number of size bytes, big-endian.
func (r *scanner) uintOf(size int) uint64 {
	if len(r.s) < size {
		r.fail()
		return 0
	}
	v := uint64(0)
	for i := range size {
		v = v<<8 | uint64(r.s[i])
	}
	r.s = r.s[size:]
	return v
}

// appendUint writes a number that fits in size bytes, big-endian.
func appendUint(b []byte, v uint64, size int) []byte {
	for i := size - 1; i >= 0; i-- {
		b = append(b, byte(v>>(8*i)))
	}
	return b
}
