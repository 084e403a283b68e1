package recommend

import "math"

// thresholdShift leaves of a float32 its exponent and the first four bits of its fraction: sixteen steps an octave.
const thresholdShift = 19

// threshold counts positive numbers by size, to tell how large a number is among them in one pass: ordering thousands to keep
// two hundred takes several times as long.
type threshold [1 << (31 - thresholdShift)]uint32

// of is a number that at least n of the finite numbers reach, and few more; 0 when fewer than n are above 0.
func (h *threshold) of(x []float32, n int) float32 {
	clear(h[:])
	for _, v := range x {
		if v > 0 {
			h[math.Float32bits(v)>>thresholdShift]++
		}
	}
	for step := len(h) - 1; step >= 0; step-- {
		if n -= int(h[step]); n <= 0 {
			return math.Float32frombits(uint32(step) << thresholdShift)
		}
	}
	return 0
}
