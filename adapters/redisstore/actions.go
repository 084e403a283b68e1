package redisstore

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// The flags beside an act in the byte of a record.
const (
	actBits    = 0x1f
	ofSession  = 0x20
	withLength = 0x40 // how long it was watched and is follow
)

var _ [actBits - audience.Report]struct{} // every act fits

// isPlay tells the acts that follow each other in one play; a later one has the larger number.
func isPlay(a audience.Act) bool {
	return a == audience.PlayStart || a == audience.PlayProgress || a == audience.PlayComplete
}

// actionName says which action it is, so that a repeat finds it again.
type actionName struct {
	item    catalog.ItemID
	session string
	act     audience.Act // 0: a play, one of an item in a session, whatever the moment
	at      int64
}

func nameOf(a *audience.Action) actionName {
	n := actionName{item: a.Item, session: a.Session}
	if !isPlay(a.Act) {
		n.act, n.at = a.Act, a.At.UnixMilli()
	}
	return n
}

func atOf(a *audience.Action) int64 { return max(0, a.At.UnixMilli()) }

func length(d time.Duration) uint64 { return uint64(max(0, d.Milliseconds())) }

// newestFirst is a total order, so that equal knowledge reads equal.
func newestFirst(a, b audience.Action) int { return newerFirst(&a, &b) }

func newerFirst(a, b *audience.Action) int {
	if c := b.At.Compare(a.At); c != 0 {
		return c
	}
	if a.Item != b.Item {
		return strings.Compare(string(a.Item), string(b.Item))
	}
	return cmp.Or(cmp.Compare(a.Act, b.Act), cmp.Compare(a.Session, b.Session))
}

// mostMoves is how many places actions are moved to be put in order one by one.
const mostMoves = 4 * audience.MaxActions

// sortNewestFirst finds nearly all in order: notes come as things happen, but for those that were reported together.
func sortNewestFirst(actions []audience.Action) {
	moves := 0
	for i := 1; i < len(actions); i++ {
		to := i
		for to > 0 && newerFirst(&actions[to-1], &actions[i]) > 0 {
			to--
		}
		if to == i {
			continue
		}
		if moves += i - to; moves > mostMoves {
			slices.SortFunc(actions, newestFirst)
			return
		}
		late := actions[i]
		copy(actions[to+1:i+1], actions[to:i])
		actions[to] = late
	}
}

// mergedActions returns the newest, newest first, merged as notes would be.
func mergedActions(actions []audience.Action) []audience.Action {
	places := make(map[actionName]int, len(actions))
	merged := make([]audience.Action, 0, len(actions))
	for i := range actions {
		a := &actions[i]
		name := nameOf(a)
		at, known := places[name]
		if !known {
			places[name], merged = len(merged), append(merged, *a)
			continue
		}
		held := &merged[at]
		held.Act, held.Watched, held.Duration = max(a.Act, held.Act), max(a.Watched, held.Watched), max(a.Duration, held.Duration)
		if a.At.After(held.At) {
			held.At = a.At
		}
	}
	slices.SortFunc(merged, newestFirst)
	return merged[:min(len(merged), audience.MaxActions)]
}

// appendActions writes the acts of a past: how many (2 bytes), the time of the first in ms (6), how many sessions (2), the sessions,
// the newest first, then the records, each its item, its act and flags, the number of its session from the oldest (if any), by how
// many ms it is later than the next (0 for the last), how many ms it was watched and is long (if known).
func appendActions(b []byte, actions []audience.Action) []byte {
	actions = mergedActions(actions)
	if len(actions) == 0 {
		return b
	}
	numbers := make(map[string]int)
	var sessions []string
	for i := len(actions) - 1; i >= 0; i-- {
		if s := actions[i].Session; s != "" && numbers[s] == 0 {
			sessions = append(sessions, s)
			numbers[s] = len(sessions)
		}
	}
	b = appendUint(b, uint64(len(actions)), 2)
	b = appendUint(b, uint64(atOf(&actions[0])), 6)
	b = appendUint(b, uint64(len(sessions)), 2)
	for _, s := range slices.Backward(sessions) {
		b = appendPacked(b, s)
	}
	for i := range actions {
		a, gap := &actions[i], int64(0)
		if i+1 < len(actions) {
			gap = atOf(a) - atOf(&actions[i+1])
		}
		b = appendAction(b, a, numbers[a.Session], gap)
	}
	return b
}

func appendAction(b []byte, a *audience.Action, session int, gap int64) []byte {
	kind, watched, long := byte(a.Act)&actBits, length(a.Watched), length(a.Duration)
	if session > 0 {
		kind |= ofSession
	}
	if watched > 0 || long > 0 {
		kind |= withLength
	}
	b = append(appendPacked(b, a.Item), kind)
	if session > 0 {
		b = binary.AppendUvarint(b, uint64(session))
	}
	b = binary.AppendVarint(b, gap)
	if kind&withLength != 0 {
		b = binary.AppendUvarint(binary.AppendUvarint(b, watched), long)
	}
	return b
}

// decodeActions returns the newest, newest first; nil for none. What they name is one text of their own.
func (m *room) decodeActions(s string) (actions []audience.Action, ok bool) {
	if s == "" {
		return nil, true
	}
	r := scanner{s: s}
	count, at, n := int(r.uintOf(2)), int64(r.uintOf(6)), int(r.uintOf(2))
	if count > len(r.s) || n > len(r.s) {
		return nil, false
	}
	letters, ends := m.letters[:0], m.ends[:0] // of the sessions, newest first, and then of the items
	for range n {
		form, size, text := r.packed()
		letters = appendUnpacked(letters, form, size, text)
		ends = append(ends, len(letters))
	}
	of := m.of[:0]
	m.actions = slices.Grow(m.actions[:0], count)[:count]
	actions = m.actions
	for i := range actions {
		form, size, text := r.packed()
		letters = appendUnpacked(letters, form, size, text)
		ends = append(ends, len(letters))
		kind, session := r.byte(), 0
		if kind&ofSession != 0 {
			if session = r.int(); session < 1 || session > n {
				r.fail()
				session = 0
			}
		}
		of = append(of, session)
		a := &actions[i]
		*a = audience.Action{Act: audience.Act(kind & actBits), At: time.UnixMilli(at).UTC()}
		at -= r.varint()
		if kind&withLength != 0 {
			a.Watched, a.Duration = time.Duration(r.uvarint())*time.Millisecond, time.Duration(r.uvarint())*time.Millisecond
		}
	}
	m.letters, m.ends, m.of = letters, ends, of

	text := string(letters)
	part := func(i int) string {
		if i == 0 {
			return text[:ends[0]]
		}
		return text[ends[i-1]:ends[i]]
	}
	for i := range actions {
		actions[i].Item = catalog.ItemID(part(n + i))
		if of[i] > 0 {
			actions[i].Session = part(n - of[i])
		}
	}
	sortNewestFirst(actions)
	return actions[:min(len(actions), audience.MaxActions)], r.done()
}
