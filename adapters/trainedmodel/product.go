package trainedmodel

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// factor is a matrix as it stands in a product: as it is, or transposed.
type factor struct {
	blas32.General
	turned bool
}

func matrix(rows, cols int, data []float32) blas32.General {
	return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: data[:rows*cols]}
}

func plain(m blas32.General) factor  { return factor{m, false} }
func turned(m blas32.General) factor { return factor{m, true} }

// rows is the factor of the rows from to below to of the product, if it stands on the left.
func (f factor) rows(from, to int) factor {
	if f.turned {
		f.Data, f.Cols = f.Data[from:], to-from
	} else {
		f.Data, f.Rows = f.Data[from*f.Stride:], to-from
	}
	return f
}

// columns is the factor of the columns from to below to of the product, if it stands on the right.
func (f factor) columns(from, to int) factor {
	f.turned = !f.turned
	f = f.rows(from, to)
	f.turned = !f.turned
	return f
}

func (f factor) transpose() blas.Transpose {
	if f.turned {
		return blas.Trans
	}
	return blas.NoTrans
}

// multiply makes of a matrix the product of two others, plus so many times what it was. It is cut into tiles, each of
// which gonum leaves to the worker that has it: larger ones it would spread over all processors.
func multiply(workers int, a, b factor, keep float32, into blas32.General) {
	down, across := tiles(into.Rows, tileRows), tiles(into.Cols, tileColumns)
	each(workers, down*across, func(tile int) {
		i, j := tile/across*tileRows, tile%across*tileColumns
		bottom, right := min(into.Rows, i+tileRows), min(into.Cols, j+tileColumns)
		left, top := a.rows(i, bottom), b.columns(j, right)
		blas32.Gemm(left.transpose(), top.transpose(), 1, left.General, top.General, keep, blas32.General{
			Rows: bottom - i, Cols: right - j, Stride: into.Stride, Data: into.Data[i*into.Stride+j:],
		})
	})
}

func tiles(n, of int) int { return (n + of - 1) / of }
