package trainedmodel

import (
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/freshet/freshet/domain/recommend"
)

// desk is what a batch is worked on in: a row for each example, unless something else is said.
type desk struct {
	shape  recommend.RecurrentShape
	states []float32 // what was read, and then the slopes of it
	slopes []float32
	hidden []float32
	behind []float32 // slopes of hidden
	next   []float32 // what is expected
	ahead  []float32 // slopes of next
	logits []float32 // a column for each item drawn; then what is to be done about them
	drawn  []uint32
	others []float32 // a row for each item drawn: its vector, and then the slope of it
	seen   []float32 // how loud the item of an example is read
	missed []float32 // what is to be done about the logit of what was chosen
	reads  []float32 // slopes of the vectors of items read
	starts []int     // of the pieces
}

func newDesk(s recommend.RecurrentShape, most int) desk {
	rows := func(width int) []float32 { return make([]float32, most*width) }
	return desk{
		shape: s, states: rows(s.State()), slopes: rows(s.State()), hidden: rows(s.Hidden), behind: rows(s.Hidden),
		next: rows(s.Dims), ahead: rows(s.Dims), logits: rows(recurNoise), drawn: make([]uint32, recurNoise),
		others: make([]float32, 2*recurNoise*s.Dims), seen: rows(1), missed: rows(1), reads: rows(s.Dims),
	}
}

// learn gathers the slopes of a batch.
func (c *course) learn(batch []piece) {
	m, d := c.model, c.shape.Dims
	n := c.prepare(batch)
	each(c.workers, len(batch), func(k int) { c.read(batch[k], c.starts[k]) })
	states, hidden, next := matrix(n, m.State(), c.states), matrix(n, m.Hidden, c.hidden), matrix(n, d, c.next)
	inner, outer, across := matrix(m.State(), m.Hidden, m.Inner), matrix(m.Hidden, d, m.Outer), matrix(m.State(), d, m.Across)

	c.multiply(plain(states), plain(inner), 0, hidden)
	c.rows(n, func(i int) { rectify(hidden.Data[i*m.Hidden:][:m.Hidden], m.Shifts) })
	c.multiply(plain(hidden), plain(outer), 0, next)
	c.multiply(plain(states), plain(across), 1, next)

	vectors, slopes := matrix(recurNoise, d, c.others[:recurNoise*d]), matrix(recurNoise, d, c.others[recurNoise*d:])
	logits, ahead := matrix(n, recurNoise, c.logits), matrix(n, d, c.ahead)
	c.multiply(plain(next), turned(vectors), 0, logits)
	chosen := c.chosen(batch)
	c.rows(n, func(i int) { c.judge(i, chosen[i], 1/float32(n)) })
	c.multiply(plain(logits), plain(vectors), 1, ahead)
	c.multiply(turned(logits), plain(next), 0, slopes)
	c.settle(chosen, slopes.Data)

	behind := matrix(n, m.Hidden, c.behind)
	c.multiply(turned(hidden), plain(ahead), 0, matrix(m.Hidden, d, c.outer.slope))
	c.multiply(turned(states), plain(ahead), 0, matrix(m.State(), d, c.across.slope))
	c.multiply(plain(ahead), turned(outer), 0, behind)
	for i := range n {
		row := behind.Data[i*m.Hidden:][:m.Hidden]
		for j, h := range hidden.Data[i*m.Hidden:][:m.Hidden] {
			if h <= 0 {
				row[j] = 0
			}
			c.shifts.slope[j] += row[j]
		}
	}
	c.multiply(turned(states), plain(behind), 0, matrix(m.State(), m.Hidden, c.inner.slope))
	back := matrix(n, m.State(), c.slopes)
	c.multiply(plain(behind), turned(inner), 0, back)
	c.multiply(plain(ahead), turned(across), 1, back)
	each(c.workers, len(batch), func(k int) { c.readBack(batch[k], c.starts[k]) })
	at := 0
	for _, p := range batch {
		for _, item := range c.library.items[p.from:p.to] {
			add(c.vectors.slope[int(item)*d:][:d], c.reads[at*d:][:d])
			at++
		}
	}
}

// prepare draws what there is of chance in a batch, and says how many examples it has.
func (c *course) prepare(batch []piece) (n int) {
	c.starts = c.starts[:0]
	for _, p := range batch {
		c.starts = append(c.starts, n)
		n += p.to - p.from
	}
	for i := range n {
		c.seen[i] = 1 / (1 - recurBlind)
		if c.chance.Float64() < recurBlind {
			c.seen[i] = 0
		}
	}
	d := c.shape.Dims
	for k := range c.drawn {
		c.drawn[k] = c.noise.draw(c.chance)
		copy(c.others[k*d:][:d], c.model.Vectors[int(c.drawn[k])*d:])
	}
	return n
}

// chosen are the items that came after those of the batch.
func (c *course) chosen(batch []piece) []uint32 {
	var items []uint32
	for _, p := range batch {
		items = append(items, c.library.items[p.from+1:p.to+1]...)
	}
	return items
}

// read fills the states of a piece.
func (c *course) read(p piece, start int) {
	d, width := c.shape.Dims, c.shape.State()
	state := make([]float32, width)
	take := func(item uint32, loud float32) {
		v := c.model.Vectors[int(item)*d:][:d]
		for bank := range recommend.RecurrentBanks {
			rates, shares, s := c.rates[bank*d:][:d], c.shares[bank*d:][:d], state[bank*d:][:d]
			for j, x := range v {
				s[j] = rates[j]*s[j] + shares[j]*loud*x
			}
		}
	}
	for _, item := range c.library.items[max(p.begin, p.from-recurWarm):p.from] {
		take(item, 1)
	}
	for k, item := range c.library.items[p.from:p.to] {
		take(item, c.seen[start+k])
		copy(c.states[(start+k)*width:], state)
	}
}

// readBack turns the slopes of a piece's states into those of the vectors read.
func (c *course) readBack(p piece, start int) {
	d, width := c.shape.Dims, c.shape.State()
	carried := make([]float32, width)
	for k := p.to - p.from - 1; k >= 0; k-- {
		at := start + k
		add(carried, c.slopes[at*width:][:width])
		read, loud := c.reads[at*d:][:d], c.seen[at]
		clear(read)
		for bank := range recommend.RecurrentBanks {
			rates, shares, s := c.rates[bank*d:][:d], c.shares[bank*d:][:d], carried[bank*d:][:d]
			for j := range read {
				read[j] += shares[j] * loud * s[j]
				s[j] *= rates[j]
			}
		}
	}
}

// judge turns the logits of an example into what is to be done about them: how likely each item was by them, each
// example weighing so much. Of what was chosen that is missed, less by one; its part of ahead is filled.
func (c *course) judge(at int, chosen uint32, weight float32) {
	d := c.shape.Dims
	row := c.logits[at*recurNoise:][:recurNoise]
	vector, next := c.model.Vectors[int(chosen)*d:][:d], c.next[at*d:][:d]
	its := c.model.Biases[chosen] - c.noise.log[chosen]
	for j, x := range next {
		its += x * vector[j]
	}
	top := its
	for k, item := range c.drawn {
		if item == chosen {
			row[k] = -math.MaxFloat32
			continue
		}
		row[k] += c.model.Biases[item] - c.noise.log[item]
		top = max(top, row[k])
	}
	mine := float32(math.Exp(float64(its - top)))
	sum := mine
	for k, x := range row {
		if x -= top; x < -20 {
			row[k] = 0
			continue
		}
		row[k] = float32(math.Exp(float64(row[k] - top)))
		sum += row[k]
	}
	part := weight / sum
	for k := range row {
		row[k] *= part
	}
	missed := mine*part - weight
	c.missed[at] = missed
	ahead := c.ahead[at*d:][:d]
	for j, x := range vector {
		ahead[j] = missed * x
	}
}

// settle gathers the slopes of the vectors and biases of what was chosen and of what was drawn.
func (c *course) settle(chosen []uint32, slopes []float32) {
	d := c.shape.Dims
	for k, item := range c.drawn {
		add(c.vectors.slope[int(item)*d:][:d], slopes[k*d:][:d])
	}
	var sums [recurNoise]float32
	for at, item := range chosen {
		add(sums[:], c.logits[at*recurNoise:][:recurNoise])
		c.biases.slope[item] += c.missed[at]
		slope := c.vectors.slope[int(item)*d:][:d]
		for j, x := range c.next[at*d:][:d] {
			slope[j] += c.missed[at] * x
		}
	}
	for k, item := range c.drawn {
		c.biases.slope[item] += sums[k]
	}
}

func (c *course) multiply(a, b factor, keep float32, into blas32.General) {
	multiply(c.workers, a, b, keep, into)
}

// rows calls do for every row of a batch.
func (c *course) rows(n int, do func(i int)) {
	const some = 64
	each(c.workers, tiles(n, some), func(k int) {
		for i := k * some; i < min(n, (k+1)*some); i++ {
			do(i)
		}
	})
}

func rectify(row, shifts []float32) {
	for j, s := range shifts {
		row[j] = max(0, row[j]+s)
	}
}

func add(to, what []float32) {
	what = what[:len(to)]
	for i := range to {
		to[i] += what[i]
	}
}
