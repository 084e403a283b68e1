package learning

import (
	"time"
	"unsafe"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// mostMet is how many items that a viewer met are remembered.
const mostMet = 400

// act is an action as it is remembered, in 20 bytes.
type act struct {
	at                uint32 // seconds since 1970
	item              recommend.Ordinal
	watched, duration uint32 // milliseconds
	session           uint16 // a hash
	act               audience.Act
}

func actOf(e *engagement.Event, at recommend.Ordinal) act {
	session := digest(e.Session)
	return act{
		at: uint32(max(0, e.At.Unix())), item: at, watched: uint32(e.Watched.Milliseconds()), duration: uint32(e.Duration.Milliseconds()),
		session: uint16(session ^ session>>32), act: e.Act,
	}
}

// plays tells acts that follow each other in one play, which are one action; a later one has the larger number.
func (a *act) plays() bool {
	return a.act == audience.PlayStart || a.act == audience.PlayProgress || a.act == audience.PlayComplete
}

// met is an item that a viewer met: its ordinal, and whether they chose it.
type met uint32

const chosen met = 1 << 31

func (m met) item() recommend.Ordinal { return recommend.Ordinal(m &^ chosen) }

// pupil is what is remembered of one viewer.
type pupil struct {
	key          uint64
	newer, older uint32 // neighbours in the order of visits
	own, server  hour
	acts         []act // oldest first
	met          []met // oldest first
}

// knows tells whether the viewer met the item, and chose it.
func (p *pupil) knows(at recommend.Ordinal) (known, did bool) {
	for _, m := range p.met {
		if m.item() == at {
			return true, m&chosen != 0
		}
	}
	return false, false
}

// hour counts choices in an hour of a clock; a clock that runs back does not gain a new one.
type hour struct {
	since   int64 // in hours since 1970
	choices int
}

func (h *hour) count(at time.Time) int {
	if now := at.Unix() / 3600; now > h.since {
		*h = hour{since: now}
	}
	h.choices++
	return h.choices
}

// admit counts a choice against what a viewer may say in an hour.
func (p *pupil) admit(e *engagement.Logged, o *StudentOptions) bool {
	own, server := p.own.count(e.At), p.server.count(e.Received)
	return own <= o.PerHour && server <= o.Flood
}

// pupils remembers the viewers who came last, by a hash of their id.
type pupils struct {
	most           int
	at             map[uint64]uint32 // is never iterated
	all            []pupil
	newest, oldest uint32
	places         int // bytes that acts and items met have room in
}

const nobody = ^uint32(0)

func newPupils(most int) pupils {
	return pupils{most: most, at: make(map[uint64]uint32), newest: nobody, oldest: nobody}
}

// visit finds the viewer or makes room for them, and makes them the newest. The answer is good until the next visit.
func (x *pupils) visit(id audience.ViewerID) *pupil { return x.visitKey(mixed(digest(string(id)))) }

func (x *pupils) visitKey(key uint64) *pupil {
	i, known := x.at[key]
	switch {
	case known:
		x.unlink(i)
	case len(x.all) < x.most:
		i = uint32(len(x.all))
		x.all = append(x.all, pupil{key: key})
		x.at[key] = i
	default:
		i = x.oldest
		x.unlink(i)
		delete(x.at, x.all[i].key)
		x.places -= x.all[i].bytes()
		x.all[i] = pupil{key: key}
		x.at[key] = i
	}
	p := &x.all[i]
	p.older, p.newer = x.newest, nobody
	if x.newest != nobody {
		x.all[x.newest].newer = i
	} else {
		x.oldest = i
	}
	x.newest = i
	return p
}

func (x *pupils) unlink(i uint32) {
	p := &x.all[i]
	if p.newer != nobody {
		x.all[p.newer].older = p.older
	} else {
		x.newest = p.older
	}
	if p.older != nobody {
		x.all[p.older].newer = p.newer
	} else {
		x.oldest = p.newer
	}
}

// remember adds an act, and that its item was met.
func (x *pupils) remember(p *pupil, a act, good bool) {
	x.places -= p.bytes()
	if !p.goesOn(a) {
		p.acts = pushed(p.acts, a, audience.MaxActions)
	}
	p.meet(a.item, good)
	x.places += p.bytes()
}

// rememberLate adds an act among those of its time.
func (x *pupils) rememberLate(p *pupil, a act, good bool) {
	if len(p.acts) == audience.MaxActions && a.at < p.acts[0].at {
		x.places -= p.bytes()
		p.meet(a.item, good)
		x.places += p.bytes()
		return
	}
	x.remember(p, a, good)
	for i := len(p.acts) - 1; i > 0 && p.acts[i-1].at > p.acts[i].at; i-- {
		p.acts[i-1], p.acts[i] = p.acts[i], p.acts[i-1]
	}
}

// goesOn reports whether the act is part of a play that is remembered, which then becomes the newest action.
func (p *pupil) goesOn(a act) bool {
	if !a.plays() {
		return false
	}
	for i := len(p.acts) - 1; i >= 0; i-- {
		was := p.acts[i]
		if was.item == a.item && was.session == a.session && was.plays() {
			a.act, a.watched, a.duration, a.at = max(a.act, was.act), max(a.watched, was.watched), max(a.duration, was.duration), max(a.at, was.at)
			copy(p.acts[i:], p.acts[i+1:])
			p.acts[len(p.acts)-1] = a
			return true
		}
	}
	return false
}

func (p *pupil) meet(at recommend.Ordinal, good bool) {
	m := met(at)
	if good {
		m |= chosen
	}
	for i := range p.met {
		if p.met[i].item() == at {
			p.met[i] |= m
			return
		}
	}
	p.met = pushed(p.met, m, mostMet)
}

// pushed appends to a list of at most so many, from which the oldest goes. Its room doubles up to that.
func pushed[T any](list []T, x T, most int) []T {
	if len(list) == most {
		copy(list, list[1:])
		list[most-1] = x
		return list
	}
	if len(list) == cap(list) {
		list = append(make([]T, 0, min(most, max(4, 2*cap(list)))), list...)
	}
	return append(list, x)
}

func (p *pupil) bytes() int { return cap(p.acts)*int(unsafe.Sizeof(act{})) + cap(p.met)*4 }

func (x *pupils) bytes() int { return x.places + cap(x.all)*int(unsafe.Sizeof(pupil{})) + len(x.at)*28 }

// forget drops what is remembered of a viewer and reports whether there was anything. The place is kept: nobody
// can be told from a viewer who never came.
func (x *pupils) forget(id audience.ViewerID) bool {
	key := mixed(digest(string(id)))
	i, known := x.at[key]
	if !known {
		return false
	}
	x.unlink(i)
	delete(x.at, key)
	x.places -= x.all[i].bytes()
	last := uint32(len(x.all) - 1)
	if i != last { // the last takes the place
		x.all[i] = x.all[last]
		moved := &x.all[i]
		x.at[moved.key] = i
		if moved.newer != nobody {
			x.all[moved.newer].older = i
		} else {
			x.newest = i
		}
		if moved.older != nobody {
			x.all[moved.older].newer = i
		} else {
			x.oldest = i
		}
	}
	x.all[last] = pupil{}
	x.all = x.all[:last]
	return true
}
