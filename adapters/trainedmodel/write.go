package trainedmodel

import (
	"bufio"
	"encoding/binary"
	"hash"
	"hash/crc32"
	"io"
	"math"

	"github.com/freshet/freshet/domain/recommend"
)

// How a row is written.
const (
	wholeRow  = 0 // a weight for every item
	sparseRow = 1 // how many, the steps between their places, the weights
)

// maxBody is the longest body there can be: ids with their lengths, for a weight at most two bytes of place, and the recurrent
// part with its shape.
const (
	maxBody      = recommend.MaxModelItems*(2+128+1+3) + recommend.MaxModelWeights*(4+2) + maxRecurrent + 6
	maxRecurrent = 4 * (recommend.MaxModelItems*(recommend.MaxRecurrentDims+1) +
		(recommend.RecurrentBanks+1)*recommend.MaxRecurrentDims*recommend.MaxRecurrentHidden + recommend.MaxRecurrentHidden +
		recommend.RecurrentBanks*recommend.MaxRecurrentDims*recommend.MaxRecurrentDims)
)

// Write writes the body of a model, and returns the head that belongs before it. The version is how's. What it writes
// holds ids of items and numbers; nothing in it is of any one viewer.
func Write(body io.Writer, m *recommend.Model, how recommend.Training) (head []byte, err error) {
	w := &writer{sum: crc32.New(checksum)}
	w.Writer = bufio.NewWriterSize(io.MultiWriter(body, w.sum, &w.size), 64<<10)
	for _, id := range m.Items() {
		w.number(uint64(len(id)))
		_, _ = w.WriteString(string(id)) // bufio keeps the first error for Flush
	}
	for place := range m.Items() {
		w.row(m.Row(place))
	}
	w.recurrent(m.Recurrent())
	if err := w.Flush(); err != nil {
		return nil, err
	}
	how.Items = len(m.Items())
	return headOf(how, int64(w.size), w.sum.Sum32()), nil
}

type writer struct {
	*bufio.Writer
	sum  hash.Hash32
	size counter
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func (w *writer) number(n uint64) {
	_, _ = w.Write(binary.AppendUvarint(w.AvailableBuffer(), n))
}

func (w *writer) row(r recommend.LinearRow) {
	if r.To == nil {
		_ = w.WriteByte(wholeRow)
	} else {
		_ = w.WriteByte(sparseRow)
		w.number(uint64(len(r.To)))
		next := uint32(0)
		for _, to := range r.To {
			w.number(uint64(to - next))
			next = to + 1
		}
	}
	w.weights(r.Weights)
}

func (w *writer) weights(list []float32) {
	for _, weight := range list {
		_, _ = w.Write(binary.LittleEndian.AppendUint32(w.AvailableBuffer(), math.Float32bits(weight)))
	}
}

// recurrent writes the shape, of 0 dimensions where there is none, and the parts.
func (w *writer) recurrent(m *recommend.Recurrent) {
	if m == nil {
		w.number(0)
		return
	}
	w.number(uint64(m.Dims))
	w.number(uint64(m.Hidden))
	for _, part := range m.Parts() {
		w.weights(part)
	}
}
