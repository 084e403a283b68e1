package trainedmodel

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"math"
	"slices"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// Read reads a model. It fails with recommend.ErrModelUnreadable when head or body are not exactly what Write wrote,
// and with what body fails with. It never holds more than what it has read, and one row: at most some 40 KB of claims.
func Read(head []byte, body io.Reader) (*recommend.Model, recommend.Training, error) {
	h, err := readHead(head)
	if err != nil {
		return nil, recommend.Training{}, err
	}
	r := &reader{sum: crc32.New(checksum), items: int(h.Items)}
	r.Reader = bufio.NewReaderSize(io.TeeReader(body, r.sum), 64<<10)
	r.left = h.BodyBytes
	m, err := r.model(h)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = malformed("the body is cut short")
	}
	if err != nil {
		return nil, recommend.Training{}, err
	}
	if r.sum.Sum32() != h.BodySum {
		return nil, recommend.Training{}, malformed("the body is damaged")
	}
	return m, h.training(), nil
}

type reader struct {
	*bufio.Reader
	sum     hash.Hash32
	left    int64 // bytes of the body
	items   int
	weights int
	scratch [recommend.MaxModelItems * 4]byte
}

// bytes are valid until the next call.
func (r *reader) bytes(n int) ([]byte, error) {
	if r.left -= int64(n); r.left < 0 {
		return nil, malformed("the body is longer than its head says")
	}
	b := r.scratch[:n]
	_, err := io.ReadFull(r.Reader, b)
	return b, err
}

// number reads what writer.number wrote, in no more bytes than that took.
func (r *reader) number(most int) (int, error) {
	n := 0
	for shift := 0; shift < 21; shift += 7 {
		b, err := r.bytes(1)
		if err != nil {
			return 0, err
		}
		n |= int(b[0]&0x7f) << shift
		switch {
		case b[0] == 0 && shift > 0:
			return 0, malformed("a number longer than it must be")
		case b[0] < 0x80 && n > most:
			return 0, malformed("%d where at most %d can be", n, most)
		case b[0] < 0x80:
			return n, nil
		}
	}
	return 0, malformed("a number that is too big")
}

func (r *reader) model(h head) (*recommend.Model, error) {
	var items []catalog.ItemID
	known := make(map[catalog.ItemID]struct{})
	for range r.items {
		n, err := r.number(catalog.MaxIDBytes)
		if err != nil {
			return nil, err
		}
		b, err := r.bytes(n)
		if err != nil {
			return nil, err
		}
		id, err := catalog.ParseItemID(string(b))
		if err != nil {
			return nil, malformed("%q is no item's id", b)
		}
		if _, again := known[id]; again {
			return nil, malformed("item %q twice", b)
		}
		known[id], items = struct{}{}, append(items, id)
	}
	var rows []recommend.LinearRow
	for range r.items {
		row, err := r.row()
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	var recurrent *recommend.Recurrent
	if h.Form != plainForm {
		var err error
		if recurrent, err = r.recurrent(); err != nil {
			return nil, err
		}
	}
	if r.left > 0 {
		return nil, malformed("the body is shorter than its head says")
	}
	switch _, err := r.Peek(1); {
	case err == nil:
		return nil, malformed("something follows the body")
	case !errors.Is(err, io.EOF):
		return nil, err
	}
	return recommend.NewModel(h.Version, items, rows, recurrent), nil
}

func (r *reader) row() (row recommend.LinearRow, err error) {
	kind, err := r.bytes(1)
	if err != nil {
		return row, err
	}
	n := r.items
	switch kind[0] {
	case wholeRow:
	case sparseRow:
		if n, err = r.number(r.items); err != nil {
			return row, err
		}
		if row.To, err = r.places(n); err != nil {
			return row, err
		}
	default:
		return row, malformed("a row of kind %d", kind[0])
	}
	if r.weights += n; r.weights > recommend.MaxModelWeights {
		return row, malformed("more than %d weights", recommend.MaxModelWeights)
	}
	row.Weights, err = r.numbers([]float32{}, n)
	return row, err
}

// numbers appends n weights.
func (r *reader) numbers(to []float32, n int) ([]float32, error) {
	b, err := r.bytes(4 * n)
	if err != nil {
		return nil, err
	}
	to = slices.Grow(to, n)
	for i := range n {
		w := math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		if math.IsNaN(float64(w)) || math.IsInf(float64(w), 0) {
			return nil, malformed("a weight that is no number")
		}
		to = append(to, w)
	}
	return to, nil
}

func (r *reader) recurrent() (*recommend.Recurrent, error) {
	dims, err := r.number(recommend.MaxRecurrentDims)
	if err != nil || dims == 0 {
		return nil, err
	}
	hidden, err := r.number(recommend.MaxRecurrentHidden)
	if err != nil {
		return nil, err
	}
	shape := recommend.RecurrentShape{Items: r.items, Dims: dims, Hidden: hidden}
	m := &recommend.Recurrent{RecurrentShape: shape}
	for _, part := range []struct {
		of   *[]float32
		size int
	}{
		{&m.Vectors, shape.Items * dims}, {&m.Biases, shape.Items}, {&m.Inner, shape.State() * hidden}, {&m.Shifts, hidden},
		{&m.Outer, hidden * dims}, {&m.Across, shape.State() * dims},
	} {
		list := []float32{} // grows with what is really there
		for len(list) < part.size {
			if list, err = r.numbers(list, min(part.size-len(list), len(r.scratch)/4)); err != nil {
				return nil, err
			}
		}
		*part.of = list
	}
	return m, nil
}

func (r *reader) places(n int) ([]uint32, error) {
	to := make([]uint32, n)
	next := 0
	for i := range to {
		step, err := r.number(r.items)
		if err != nil {
			return nil, err
		}
		if next += step; next >= r.items {
			return nil, malformed("a place beyond the items")
		}
		to[i] = uint32(next)
		next++
	}
	return to, nil
}
