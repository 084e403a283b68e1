package redisstore

import (
	"time"

	"github.com/freshet/freshet/domain/audience"
)

// A viewer's past is one string: the length of its acts (3 bytes), the acts, the marks of what was seen and consumed. Both lists have
// what came last first, so that a note looks at few of them; scripts/past.lua reads and writes them, too.

func appendPast(b []byte, k *audience.Knowledge) []byte {
	head := len(b)
	b = appendActions(append(b, 0, 0, 0), k.Actions)
	acts := len(b) - head - 3
	b[head], b[head+1], b[head+2] = byte(acts>>16), byte(acts>>8), byte(acts)
	return appendMarks(b, k.Memory.Seen, k.Memory.Consumed)
}

// decodePast fills the actions and marks that are not too old.
func (m *room) decodePast(s string, k *audience.Knowledge, o *Options, now time.Time) (ok bool) {
	r := scanner{s: s}
	n := int(r.uintOf(3))
	if r.bad || n > len(r.s) {
		return false
	}
	actions, ok1 := m.decodeActions(r.s[:n])
	seen, consumed, ok2 := m.decodeSeenConsumed(r.s[n:], secondsOf(now.Add(-o.Seen)), secondsOf(now.Add(-o.Consumed)))
	k.Actions, k.Memory.Seen, k.Memory.Consumed = actions, seen, consumed
	return ok1 && ok2
}
