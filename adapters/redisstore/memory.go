package redisstore

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// The flags of a mark.
const (
	seenFlag = 1 << iota
	consumedFlag
	flagBits = iota
)

func secondsOf(t time.Time) int64 { return max(0, t.Unix()) }

// flagged is a mark of both kinds, or of one.
type flagged struct {
	item  catalog.Number
	at    int64
	flags uint64
}

// flaggedOf puts marks of one item at one time together; the order is that of the seen, then of the consumed.
func flaggedOf(seen, consumed []audience.Mark) []flagged {
	all := make([]flagged, 0, len(seen)+len(consumed))
	for _, m := range seen {
		all = append(all, flagged{m.Item, secondsOf(m.At), seenFlag})
	}
	if len(consumed) == 0 {
		return all
	}
	places := make(map[flagged]int, len(seen))
	for i, m := range all {
		places[m] = i
	}
	for _, m := range consumed {
		one := flagged{m.Item, secondsOf(m.At), seenFlag}
		if i, known := places[one]; known {
			all[i].flags |= consumedFlag
		} else {
			one.flags = consumedFlag
			all = append(all, one)
		}
	}
	return all
}

// trimmedMarks are the newest of the marks, oldest first.
func trimmedMarks(marks []audience.Mark, most int) []audience.Mark {
	sorted := slices.Clone(marks)
	slices.SortStableFunc(sorted, byTime)
	return sorted[max(0, len(sorted)-most):]
}

// appendMarks writes the marks of a past: how many more there is room for until they are trimmed (2 bytes), the time of the first in
// seconds (6), then the records, newest first, each its item's number and, in one varint with its flags, by how many seconds it is
// later than the next (0 for the last).
func appendMarks(b []byte, seen, consumed []audience.Mark) []byte {
	all := flaggedOf(trimmedMarks(seen, audience.MaxSeen), trimmedMarks(consumed, audience.MaxConsumed))
	if len(all) == 0 {
		return b
	}
	slices.SortStableFunc(all, func(a, b flagged) int { return int(a.at - b.at) })
	slices.Reverse(all)
	b = appendUint(b, max(audience.MaxSeen, audience.MaxConsumed)/4, 2)
	b = appendUint(b, uint64(all[0].at), 6)
	for i, m := range all {
		gap := int64(0)
		if i+1 < len(all) {
			gap = m.at - all[i+1].at
		}
		b = binary.AppendUvarint(b, uint64(m.item))
		b = binary.AppendUvarint(b, uint64(gap<<1^gap>>63)<<flagBits|m.flags)
	}
	return b
}

// decodeSeenConsumed returns the newest of the marks of each kind that are not older than its oldest, oldest first; nil for none.
func (m *room) decodeSeenConsumed(s string, seenSince, consumedSince int64) (seen, consumed []audience.Mark, ok bool) {
	if s == "" {
		return nil, nil, true
	}
	r := scanner{s: s}
	_, at := r.uintOf(2), int64(r.uintOf(6))
	seen, consumed = m.seen[:0], m.consumed[:0]
	late := int64(0) // below 0 where one came after a newer one
	for r.s != "" {
		mark := audience.Mark{Item: catalog.Number(r.uvarint()), At: time.Unix(at, 0).UTC()}
		tail := r.uvarint()
		if tail&seenFlag != 0 && at >= seenSince {
			seen = append(seen, mark)
		}
		if tail&consumedFlag != 0 && at >= consumedSince {
			consumed = append(consumed, mark)
		}
		gap := tail >> flagBits
		forth := int64(gap>>1) ^ -int64(gap&1)
		at, late = at-forth, late|forth
	}
	m.seen, m.consumed = seen, consumed
	return oldestFirst(seen, audience.MaxSeen, late >= 0), oldestFirst(consumed, audience.MaxConsumed, late >= 0), r.done()
}

// oldestFirst turns marks that begin with the newest, and cuts off the oldest past most.
func oldestFirst(marks []audience.Mark, most int, ordered bool) []audience.Mark {
	slices.Reverse(marks)
	return newest(marks, most, ordered)
}

// newest cuts off the oldest marks past most, and puts them in order unless they are, since events may arrive late; nil for none.
func newest(marks []audience.Mark, most int, ordered bool) []audience.Mark {
	if len(marks) == 0 {
		return nil
	}
	if !ordered {
		slices.SortStableFunc(marks, byTime)
	}
	return marks[max(0, len(marks)-most):]
}

func byTime(a, b audience.Mark) int { return a.At.Compare(b.At) }

const largestGroup = 255

// appendServed writes groups of what was served at one time, see scripts/served.lua.
func appendServed(b []byte, items []catalog.Number, at time.Time) []byte {
	for some := range slices.Chunk(items, largestGroup) {
		b = append(appendUint(b, uint64(secondsOf(at)), 4), byte(len(some)), 0, 0)
		from := len(b)
		b = appendNumbers(b, some)
		binary.BigEndian.PutUint16(b[from-2:], uint16(len(b)-from))
	}
	return b
}

// appendServedMarks writes marks that are in order.
func appendServedMarks(b []byte, marks []audience.Mark) []byte {
	items := make([]catalog.Number, 0, len(marks))
	for i, m := range marks {
		items = append(items, m.Item)
		if i+1 == len(marks) || secondsOf(marks[i+1].At) != secondsOf(m.At) {
			b, items = appendServed(b, items, m.At), items[:0]
		}
	}
	return b
}

// decodeServed returns the newest that were served since, oldest first; nil for none.
func (m *room) decodeServed(s string, since int64) (marks []audience.Mark, ok bool) {
	if s == "" {
		return nil, true
	}
	r := scanner{s: s}
	r.uintOf(2)
	marks = m.served[:0]
	last, ordered := int64(0), true
	for r.s != "" {
		at, n, size := int64(r.uint32()), int(r.byte()), int(r.uintOf(2))
		if size > len(r.s) {
			return nil, false
		}
		group := scanner{s: r.s[:size]}
		r.s = r.s[size:]
		if at < since {
			continue
		}
		when := time.Unix(at, 0).UTC()
		ordered, last = ordered && at >= last, at
		for range n {
			marks = append(marks, audience.Mark{Item: catalog.Number(group.uvarint()), At: when})
		}
		if !group.done() {
			return nil, false
		}
	}
	m.served = marks
	return newest(marks, audience.MaxServed, ordered), r.done()
}
