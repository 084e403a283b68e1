package redisstore

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

const recordBytes = 12 // see scripts/records.lua

func appendRecord(b []byte, n catalog.Number, at time.Time) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(n))
	return binary.BigEndian.AppendUint32(b, uint32(max(0, at.Unix())))
}

func appendRecords(b []byte, items []catalog.Number, at time.Time) []byte {
	for _, n := range items {
		b = appendRecord(b, n, at)
	}
	return b
}

func appendMarks(b []byte, marks []audience.Mark) []byte {
	for _, m := range marks {
		b = appendRecord(b, m.Item, m.At)
	}
	return b
}

// recordsOf writes the newest of the marks, oldest first.
func recordsOf(marks []audience.Mark, most int) []byte {
	sorted := slices.Clone(marks)
	slices.SortStableFunc(sorted, byTime)
	sorted = sorted[max(0, len(sorted)-most):]
	return appendMarks(make([]byte, 0, len(sorted)*recordBytes), sorted)
}

// decodeMarks returns the newest of the records that are at most life old, oldest first; nil for none.
func decodeMarks(s string, most int, life time.Duration, now time.Time) []audience.Mark {
	if len(s) < recordBytes {
		return nil
	}
	oldest := uint64(max(0, now.Add(-life).Unix()))
	marks := make([]audience.Mark, 0, len(s)/recordBytes)
	inOrder := true
	for r := (scanner{s: s}); len(r.s) >= recordBytes; {
		m := audience.Mark{Item: catalog.Number(r.uint64())}
		at := uint64(r.uint32())
		if at < oldest {
			continue
		}
		m.At = time.Unix(int64(at), 0).UTC()
		if n := len(marks); n > 0 && m.At.Before(marks[n-1].At) {
			inOrder = false
		}
		marks = append(marks, m)
	}
	if len(marks) == 0 {
		return nil
	}
	if !inOrder { // events may arrive late
		slices.SortStableFunc(marks, byTime)
	}
	return marks[max(0, len(marks)-most):]
}

func byTime(a, b audience.Mark) int { return a.At.Compare(b.At) }
