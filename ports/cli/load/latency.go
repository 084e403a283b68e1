package load

import hdr "github.com/HdrHistogram/hdrhistogram-go"

// Latency is how long something took, in milliseconds.
type Latency struct {
	Count int64   `json:"count"`
	Mean  float64 `json:"mean_ms"`
	P50   float64 `json:"p50_ms"`
	P90   float64 `json:"p90_ms"`
	P99   float64 `json:"p99_ms"`
	P999  float64 `json:"p999_ms"`
	Max   float64 `json:"max_ms"`
	Curve []Point `json:"curve,omitempty"`
}

// Point says that so large a share took at most so long.
type Point struct {
	Share float64 `json:"share"`
	MS    float64 `json:"ms"`
}

// perHalving is how many points of a curve lie between one share and the one that half as many exceed.
const perHalving = 4

func latencyOf(h *hdr.Histogram, curve bool) Latency {
	l := Latency{Count: h.TotalCount()}
	if l.Count == 0 {
		return l
	}
	at := func(percent float64) float64 { return millis(h.ValueAtQuantile(percent)) }
	l.Mean, l.P50, l.P90, l.P99, l.P999, l.Max = h.Mean()/1000, at(50), at(90), at(99), at(99.9), millis(h.Max())
	if curve {
		for _, b := range h.CumulativeDistributionWithTicks(perHalving) {
			l.Curve = append(l.Curve, Point{b.Quantile / 100, millis(b.ValueAt)})
		}
	}
	return l
}
