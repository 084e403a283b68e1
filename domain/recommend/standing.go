package recommend

import "math"

// farthest is how many standard deviations from the mean count; what lies farther counts as much.
const farthest = 6

// standings say how each feature is spread over the candidates of one page.
type standings struct {
	n     int // candidates looked at
	mean  [numFeatures]float32
	scale [numFeatures]float32 // 1 / standard deviation; 0 where all are equal
}

// measure looks at the features of all candidates that may be shown.
func (s *standings) measure(list []candidate, of []feature) {
	var sum, squares [numFeatures]float64
	*s = standings{}
	for i := range list {
		c := &list[i]
		if c.dropped != kept {
			continue
		}
		s.n++
		for _, f := range of {
			x := float64(c.features[f])
			sum[f] += x
			squares[f] += x * x
		}
	}
	if s.n == 0 {
		return
	}
	n := float64(s.n)
	for _, f := range of {
		mean := sum[f] / n
		s.mean[f] = float32(mean)
		if variance := squares[f]/n - mean*mean; variance > 1e-9*mean*mean+1e-15 {
			s.scale[f] = float32(1 / math.Sqrt(variance))
		}
	}
}

// of is the feature's standing.
func (s *standings) of(c *candidate, f feature) float32 {
	return max(-farthest, min(farthest, (c.features[f]-s.mean[f])*s.scale[f]))
}
