package trainedmodel

import (
	"errors"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// width is how many rows are swept at once; a tile of the update is tileRows × tileColumns: small enough for the
// nearest caches, and for gonum to leave it to the worker that has it.
const (
	width       = 128
	tileRows    = 64
	tileColumns = 128
)

var errNotDefinite = errors.New("the matrix is not positive definite")

// symmetric is a symmetric matrix: what is on and above the diagonal of n rows of n. What is below means nothing.
type symmetric struct {
	n    int
	data []float64
}

func newSymmetric(n int) symmetric { return symmetric{n, make([]float64, n*n)} }

// invert puts the inverse of a positive definite matrix, negated, in its place, width rows a step: n³ operations in
// all, no second matrix. workers compute at once. step is called before every step and after the last; when it fails,
// invert does, and the matrix is worth nothing.
func (s symmetric) invert(workers int, step func(done, total int) error) error {
	total := (s.n + width - 1) / width
	w := &sweep{symmetric: s, workers: workers, before: make([]float64, s.n*width), after: make([]float64, s.n*width)}
	for k := range total {
		if err := step(k, total); err != nil {
			return err
		}
		if err := w.rows(k*width, min(s.n, (k+1)*width)); err != nil {
			return err
		}
	}
	return step(total, total)
}

// sweep is the room that invert needs: the swept rows, transposed, before and after they are solved.
type sweep struct {
	symmetric
	workers       int
	before, after []float64
}

// rows sweeps the rows from to below to. With D the block on the diagonal and V the rows before:
//
//	D becomes −D⁻¹, V becomes D⁻¹V, and all else loses VᵀD⁻¹V.
//
// Once every row was swept, the whole is the negated inverse.
func (s *sweep) rows(from, to int) error {
	d, err := s.pivot(from, to)
	if err != nil {
		return err
	}
	w := to - from
	before := blas64.General{Rows: s.n, Cols: w, Stride: w, Data: s.before[:s.n*w]}
	after := blas64.General{Rows: s.n, Cols: w, Stride: w, Data: s.after[:s.n*w]}
	for i := range from {
		copy(before.Data[i*w:], s.data[i*s.n+from:i*s.n+to])
	}
	clear(before.Data[from*w : to*w])
	for k := range w {
		for i, v := range s.data[(from+k)*s.n+to : (from+k+1)*s.n] {
			before.Data[(to+i)*w+k] = v
		}
	}
	each(s.workers, tiles(s.n, tileRows), func(tile int) {
		i, end := tile*tileRows, min(s.n, (tile+1)*tileRows)
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, slice(before, i, end), d, 0, slice(after, i, end))
	})
	each(s.workers, tiles(s.n, tileRows), func(tile int) {
		i, end := tile*tileRows, min(s.n, (tile+1)*tileRows)
		for j := i / tileColumns * tileColumns; j < s.n; j += tileColumns {
			last := min(s.n, j+tileColumns)
			into := blas64.General{Rows: end - i, Cols: last - j, Stride: s.n, Data: s.data[i*s.n+j:]}
			blas64.Gemm(blas.NoTrans, blas.Trans, -1, slice(before, i, end), slice(after, j, last), 1, into)
		}
	})
	for i := range from {
		copy(s.data[i*s.n+from:i*s.n+to], after.Data[i*w:(i+1)*w])
	}
	for k := range w {
		row := s.data[(from+k)*s.n : (from+k+1)*s.n]
		for i := to; i < s.n; i++ {
			row[i] = after.Data[i*w+k]
		}
		for j := range w {
			row[from+j] = -d.Data[k*w+j]
		}
	}
	return nil
}

// pivot is the inverse of the block on the diagonal, in full.
func (s *sweep) pivot(from, to int) (blas64.General, error) {
	w := to - from
	d := blas64.General{Rows: w, Cols: w, Stride: w, Data: make([]float64, w*w)}
	for k := range w {
		copy(d.Data[k*w+k:(k+1)*w], s.data[(from+k)*s.n+from+k:(from+k)*s.n+to])
	}
	upper, ok := lapack64.Potrf(blas64.Symmetric{Uplo: blas.Upper, N: w, Stride: w, Data: d.Data})
	if ok {
		_, ok = lapack64.Potri(upper)
	}
	if !ok {
		return d, errNotDefinite
	}
	for i := range w {
		for j := range i {
			d.Data[i*w+j] = d.Data[j*w+i]
		}
	}
	return d, nil
}

// mirror copies what is above the diagonal below it, tile by tile.
func (s symmetric) mirror(workers int) {
	each(workers, tiles(s.n, tileRows), func(tile int) {
		from, to := tile*tileRows, min(s.n, (tile+1)*tileRows)
		for left := 0; left < to; left += tileRows {
			for i := from; i < to; i++ {
				for j := left; j < min(i, left+tileRows); j++ {
					s.data[i*s.n+j] = s.data[j*s.n+i]
				}
			}
		}
	})
}

// each calls do with 0 to n-1, so many workers at once.
func each(workers, n int, do func(int)) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(n, workers) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	all.Wait()
}

func slice(m blas64.General, from, to int) blas64.General {
	return blas64.General{Rows: to - from, Cols: m.Cols, Stride: m.Stride, Data: m.Data[from*m.Stride : to*m.Stride]}
}
