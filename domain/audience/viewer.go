package audience

import (
	"sync/atomic"
	"time"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

// ViewerID names whoever watches: an id of the client's backend or an anonymous device id.
type ViewerID string

// ParseViewerID fails with catalog.ErrID.
func ParseViewerID(s string) (ViewerID, error) {
	if err := catalog.CheckID(s); err != nil {
		return "", err
	}
	return ViewerID(s), nil
}

// The limits of what one viewer decides.
const (
	MaxFollows   = 5000
	MaxMutes     = 5000 // mutes and blocks together
	MaxDecisions = 2000
)

// What a viewer refuses.
var (
	ErrTooManyFollows   = fault.New(fault.Conflict, "too_many_follows", "a viewer follows at most 5000 authors")
	ErrTooManyMutes     = fault.New(fault.Conflict, "too_many_mutes", "a viewer mutes and blocks at most 5000 authors")
	ErrTooManyDecisions = fault.New(fault.Conflict, "too_many_decisions", "a viewer keeps at most 2000 tuning decisions")
)

// Relation is how a viewer stands to an author.
type Relation uint8

// The relations. The numbers are stored.
const (
	Follows Relation = iota + 1
	Mutes
	Blocks
)

// String returns the relation as clients spell it in paths: follows, mutes, blocks.
func (r Relation) String() string { return [...]string{"", "follows", "mutes", "blocks"}[r&3] }

// Tie is one relation to one author since a moment.
type Tie struct {
	Relation Relation
	Author   catalog.AuthorID
	At       time.Time
}

// Change is one durable effect of a command on a Viewer: exactly one part is set. Stores write
// changes, not whole viewers.
type Change struct {
	Tie      *Tie      // a tie made, or unmade when Gone
	Decision *Decision // a decision taken, or undone when Gone
	Gone     bool
}

// Viewer is what one viewer has decided: whom they follow, mute and block, and how they steer.
// Latest decision wins; saying the same twice changes nothing.
type Viewer struct {
	id        ViewerID
	ties      map[tieKey]time.Time
	decisions map[Target]Decision
	counts    [4]int
	changes   []Change
	digest    uint64 // of what holds, see Knowledge.Digest
	made      atomic.Pointer[any]
}

type tieKey struct {
	relation Relation
	author   catalog.AuthorID
}

// NewViewer is a viewer who has decided nothing yet, or, with ties and decisions, one that a store kept.
func NewViewer(id ViewerID, ties []Tie, decisions []Decision) *Viewer {
	v := &Viewer{id: id}
	if len(ties) > 0 { // most viewers have none
		v.ties = make(map[tieKey]time.Time, len(ties))
	}
	if len(decisions) > 0 {
		v.decisions = make(map[Target]Decision, len(decisions))
	}
	for _, t := range ties {
		k := tieKey{t.Relation, t.Author}
		if _, repeated := v.ties[k]; !repeated {
			v.counts[t.Relation&3]++
			v.digest += k.fingerprint()
		}
		v.ties[k] = t.At
	}
	for _, d := range decisions {
		if old, repeated := v.decisions[d.Target]; repeated {
			v.digest -= old.fingerprint()
		}
		v.decisions[d.Target] = d
		v.digest += d.fingerprint()
	}
	return v
}

// ID names the viewer.
func (v *Viewer) ID() ViewerID { return v.id }

// Empty reports that nothing holds that the viewer decided.
func (v *Viewer) Empty() bool { return len(v.ties) == 0 && len(v.decisions) == 0 }

// Size is how many ties and decisions hold.
func (v *Viewer) Size() int { return len(v.ties) + len(v.decisions) }

// Keep leaves what a reader made of the decisions with the viewer, for whoever reads the same viewer next. There is one place: what was
// left there before is gone, and nothing outlives a command. It may be called by several at a time, where nobody commands.
func (v *Viewer) Keep(made any) { v.made.Store(&made) }

// Kept is what Keep left last; nil: nothing.
func (v *Viewer) Kept() any {
	if made := v.made.Load(); made != nil {
		return *made
	}
	return nil
}

// Changes returns what commands did since the viewer was loaded, oldest first.
func (v *Viewer) Changes() []Change { return v.changes }

// Follow makes the author followed and unmutes and unblocks them. Past MaxFollows: ErrTooManyFollows.
// Like Mute and Block it fails with catalog.ErrID on what cannot be an author.
func (v *Viewer) Follow(a catalog.AuthorID, now time.Time) error {
	if catalog.CheckID(string(a)) != nil {
		return catalog.ErrID.On("author")
	}
	if !v.Has(Follows, a) && v.counts[Follows] >= MaxFollows {
		return ErrTooManyFollows.On("author")
	}
	v.untie(Mutes, a, now)
	v.untie(Blocks, a, now)
	v.tie(Follows, a, now)
	return nil
}

// Mute keeps the author's items out of every feed of this viewer. Past MaxMutes: ErrTooManyMutes.
func (v *Viewer) Mute(a catalog.AuthorID, now time.Time) error { return v.shut(Mutes, a, now) }

// Block is a mute that also ends following. Past MaxMutes: ErrTooManyMutes.
func (v *Viewer) Block(a catalog.AuthorID, now time.Time) error {
	if err := v.shut(Blocks, a, now); err != nil {
		return err
	}
	v.untie(Follows, a, now)
	return nil
}

// Drop ends the relation; if there is none it changes nothing.
func (v *Viewer) Drop(r Relation, a catalog.AuthorID, now time.Time) { v.untie(r, a, now) }

// Steer records the decision; an older one on the same target is replaced. Past MaxDecisions: ErrTooManyDecisions.
func (v *Viewer) Steer(t Target, d Direction, now time.Time) error {
	if err := t.check(); err != nil {
		return err
	}
	if !d.valid() {
		return ErrDirection.On("direction")
	}
	old, known := v.decisions[t]
	if known && old.Direction == d {
		return nil
	}
	if !known && len(v.decisions) >= MaxDecisions {
		return ErrTooManyDecisions.On("id")
	}
	dec := Decision{Target: t, Direction: d, At: now.UTC().Truncate(time.Millisecond)}
	if v.decisions == nil {
		v.decisions = make(map[Target]Decision)
	}
	if known {
		v.digest -= old.fingerprint()
	}
	v.decisions[t] = dec
	v.changed(Change{Decision: &dec}, dec.fingerprint())
	return nil
}

// Undo takes the decision on the target back; its effect reverses. With no such decision: ErrNoDecision.
func (v *Viewer) Undo(t Target) error {
	d, known := v.decisions[t]
	if !known {
		return ErrNoDecision
	}
	delete(v.decisions, t)
	v.changed(Change{Decision: &d, Gone: true}, -d.fingerprint())
	return nil
}

// Has reports whether the viewer stands so to the author.
func (v *Viewer) Has(r Relation, a catalog.AuthorID) bool {
	_, ok := v.ties[tieKey{r, a}]
	return ok
}

// Ties returns the viewer's relations of one kind, in no order.
func (v *Viewer) Ties(r Relation) []Tie {
	out := make([]Tie, 0, v.counts[r&3])
	for k, at := range v.ties {
		if k.relation == r {
			out = append(out, Tie{r, k.author, at})
		}
	}
	return out
}

// Decisions returns what holds now, in no order.
func (v *Viewer) Decisions() []Decision {
	out := make([]Decision, 0, len(v.decisions))
	for _, d := range v.decisions {
		out = append(out, d)
	}
	return out
}

func (v *Viewer) shut(r Relation, a catalog.AuthorID, now time.Time) error {
	if catalog.CheckID(string(a)) != nil {
		return catalog.ErrID.On("author")
	}
	if !v.Has(r, a) && v.counts[Mutes]+v.counts[Blocks] >= MaxMutes {
		return ErrTooManyMutes.On("author")
	}
	v.tie(r, a, now)
	return nil
}

func (v *Viewer) tie(r Relation, a catalog.AuthorID, now time.Time) {
	k := tieKey{r, a}
	if _, ok := v.ties[k]; ok {
		return
	}
	at := now.UTC().Truncate(time.Millisecond)
	if v.ties == nil {
		v.ties = make(map[tieKey]time.Time)
	}
	v.ties[k] = at
	v.counts[r]++
	v.changed(Change{Tie: &Tie{r, a, at}}, k.fingerprint())
}

func (v *Viewer) untie(r Relation, a catalog.AuthorID, now time.Time) {
	k := tieKey{r, a}
	if _, ok := v.ties[k]; !ok {
		return
	}
	delete(v.ties, k)
	v.counts[r]--
	v.changed(Change{Tie: &Tie{r, a, now.UTC().Truncate(time.Millisecond)}, Gone: true}, -k.fingerprint())
}

func (v *Viewer) changed(c Change, digest uint64) {
	v.changes = append(v.changes, c)
	v.digest += digest
	v.made.Store(nil)
}
