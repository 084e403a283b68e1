package memindex

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"

	"github.com/freshet/freshet/domain/recommend"
)

// A written index is a row of frames, each with its length before it and its checksum after it: the head, the names of
// each field, and pages of items.

// pageItems is how many items lie together in a file, and in memory when they come from it.
const pageItems = leafLen

// mostFrame is how long a frame may say it is; what it says is believed no further than bytes come.
const (
	mostFrame = 1 << 30
	readStep  = 1 << 20
)

// framer writes frames. The first error sticks.
type framer struct {
	to  io.Writer
	buf []byte
	err error
}

func (w *framer) u32(n uint32) { w.buf = binary.LittleEndian.AppendUint32(w.buf, n) }

func (w *framer) u64(n uint64) { w.buf = binary.LittleEndian.AppendUint64(w.buf, n) }

// end writes what was gathered as one frame.
func (w *framer) end() {
	var around [4]byte
	write := func(b []byte) {
		if w.err == nil {
			_, w.err = w.to.Write(b)
		}
	}
	binary.LittleEndian.PutUint32(around[:], uint32(len(w.buf)))
	write(around[:])
	write(w.buf)
	binary.LittleEndian.PutUint32(around[:], crc32.Checksum(w.buf, castagnoli))
	write(around[:])
	w.buf = w.buf[:0]
}

// names writes those of a field: how many, their lengths, then all of them.
func (w *framer) names(list []string, used []recommend.Term) {
	w.u32(uint32(len(used)))
	for _, t := range used {
		w.u32(uint32(len(list[t])))
	}
	for _, t := range used {
		w.buf = append(w.buf, list[t]...)
	}
	w.end()
}

// readFrame reads one frame without looking at its checksum, which is at its end. It uses the room of buf.
func readFrame(from io.Reader, buf []byte) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return nil, ErrCatalogueDamaged.Because(err)
	}
	left := int(binary.LittleEndian.Uint32(head[:]))
	if left > mostFrame {
		return nil, ErrCatalogueDamaged
	}
	buf, left = buf[:0], left+4
	for left > 0 {
		step, had := min(left, readStep), len(buf)
		if cap(buf)-had < step {
			buf = append(make([]byte, 0, max(had+step, min(2*cap(buf), had+left))), buf...)
		}
		buf = buf[:had+step]
		if _, err := io.ReadFull(from, buf[had:]); err != nil {
			return nil, ErrCatalogueDamaged.Because(err)
		}
		left -= step
	}
	return buf, nil
}

// opened is what is in a frame.
func opened(frame []byte) ([]byte, error) {
	end := len(frame) - 4
	if crc32.Checksum(frame[:end], castagnoli) != binary.LittleEndian.Uint32(frame[end:]) {
		return nil, ErrCatalogueDamaged
	}
	return frame[:end], nil
}

func nextFrame(from io.Reader) ([]byte, error) {
	frame, err := readFrame(from, nil)
	if err != nil {
		return nil, err
	}
	return opened(frame)
}

// atEnd fails unless nothing follows.
func atEnd(from io.Reader) error {
	if _, err := io.ReadFull(from, make([]byte, 1)); !errors.Is(err, io.EOF) {
		return ErrCatalogueDamaged.Because(err)
	}
	return nil
}

// shelfHead is what the first frame says.
type shelfHead struct{ items, live int }

func readShelfHead(from io.Reader) (h shelfHead, err error) {
	b, err := nextFrame(from)
	if err != nil {
		return h, err
	}
	if len(b) != 24 || binary.LittleEndian.Uint32(b) != catalogueMagic || binary.LittleEndian.Uint32(b[4:]) != catalogueVersion ||
		binary.LittleEndian.Uint64(b[8:]) != wordsKey() {
		return h, ErrCatalogueDamaged
	}
	h.items, h.live = int(binary.LittleEndian.Uint32(b[16:])), int(binary.LittleEndian.Uint32(b[20:]))
	if h.live > h.items {
		return h, ErrCatalogueDamaged
	}
	return h, nil
}

// readNames reads a dictionary's list; the names are parts of one string.
func readNames(from io.Reader) (list []string, err error) {
	b, err := nextFrame(from)
	if err != nil {
		return nil, err
	}
	if len(b) < 4 {
		return nil, ErrCatalogueDamaged
	}
	n := int(binary.LittleEndian.Uint32(b))
	if n == 0 && len(b) == 4 {
		return nil, nil
	}
	lengths := b[4:]
	if n > len(lengths)/4 {
		return nil, ErrCatalogueDamaged
	}
	text := string(lengths[4*n:])
	list = make([]string, 1, n+1)
	for i := range n {
		long := int(binary.LittleEndian.Uint32(lengths[4*i:]))
		if long == 0 || long > len(text) {
			return nil, ErrCatalogueDamaged
		}
		list, text = append(list, text[:long]), text[long:]
	}
	if text != "" {
		return nil, ErrCatalogueDamaged
	}
	return list, nil
}
