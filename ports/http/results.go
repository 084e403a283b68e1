package http

import (
	"github.com/freshet/freshet/domain/fault"
)

// result is what became of one entry of a batch.
type result struct {
	id     string
	status string
	err    *fault.Error
}

// writeResults answers a batch: one result for each entry, in order, and how many came to each status.
func writeResults(w *jsonText, idName string, results []result, requestID string, statuses ...string) {
	w.open('{')
	w.openIn("results", '[')
	for i := range results {
		r := &results[i]
		w.open('{')
		w.text(idName, r.id)
		w.text("status", r.status)
		if r.err != nil {
			w.text("error", r.err.Code())
			w.given("field", r.err.Field())
			w.text("message", r.err.Message())
		}
		w.close('}')
	}
	w.close(']')
	for _, s := range statuses {
		w.number(s, int64(countOf(results, s)))
	}
	w.text("request_id", requestID)
	w.close('}')
}

func countOf(results []result, status string) int {
	n := 0
	for i := range results {
		if results[i].status == status {
			n++
		}
	}
	return n
}

// entries counts a batch by what became of its entries.
func (m *meter) entries(batch string, results []result) {
	counts := map[string]int{}
	for i := range results {
		counts[results[i].status]++
	}
	for status, n := range counts {
		m.entry.WithLabelValues(batch, status).Add(float64(n))
	}
}
