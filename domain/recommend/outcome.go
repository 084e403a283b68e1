package recommend

import (
	"slices"
	"time"

	"github.com/freshet/freshet/domain/audience"
)

// Outcome is an action that is predicted: that a viewer opens an item at all, and what they do with it then. What a viewer
// does to an author alone, without naming an item, is no part of a meeting with one: a report, mute, block or follow
// of that kind is not counted and takes nothing back, though it may be a decision of the viewer's.
type Outcome uint8

// The outcomes.
const (
	Opened Outcome = iota // anything beyond having seen it; all others are counted among these
	WatchedLong
	Liked // or kept, or asked for more of
	Shared
	Followed // its author
	Skipped  // or left within its first tenth
	Disliked // not interested, or the author muted or blocked
	Reported
	NumOutcomes
)

var outcomeNames = [NumOutcomes]string{"open", "long_watch", "like", "share", "follow", "skip", "not_interested", "report"}

// ActionNames lists the predicted actions as operators spell them.
func ActionNames() []string { return outcomeNames[:] }

func outcomeByName(name string) (Outcome, bool) {
	at := slices.Index(outcomeNames[:], name)
	return Outcome(at), at >= 0
}

// String returns the outcome as operators spell it.
func (o Outcome) String() string { return outcomeNames[o] }

// From when on a play is a long watch: the share of the item, or the time.
const (
	longShare = 0.8
	longTime  = 3 * time.Minute
)

// Response is what one viewer did with one item they met, as far as it still holds; 0: nothing but see it.
type Response uint16

const (
	didOpen Response = 1 << iota
	didWatch
	didLike
	didKeep
	didAskMore
	didShare
	didFollow
	didSkip
	didLeave // within the first tenth
	didStay  // beyond it
	didAskLess
	didMute
	didBlock
	didReport
	numResponses
)

// AnyResponse has all there can be.
const AnyResponse = numResponses - 1

// ways lists what makes an outcome.
var ways = [NumOutcomes]Response{
	Opened: didOpen, WatchedLong: didWatch, Liked: didLike | didKeep | didAskMore, Shared: didShare, Followed: didFollow,
	Skipped: didSkip | didLeave, Disliked: didAskLess | didMute | didBlock, Reported: didReport,
}

// effects are what acts add to a response, and what they take back.
var effects = [audience.Report + 1]struct{ adds, drops Response }{
	audience.Open:           {adds: didOpen},
	audience.PlayProgress:   {adds: didOpen},
	audience.PlayComplete:   {adds: didOpen | didWatch | didStay, drops: didLeave},
	audience.Skip:           {adds: didOpen | didSkip},
	audience.Like:           {adds: didOpen | didLike},
	audience.Unlike:         {drops: didLike},
	audience.Favorite:       {adds: didOpen | didKeep},
	audience.Unfavorite:     {drops: didKeep},
	audience.Comment:        {adds: didOpen},
	audience.Share:          {adds: didOpen | didShare},
	audience.FollowAuthor:   {adds: didOpen | didFollow},
	audience.UnfollowAuthor: {drops: didFollow},
	audience.ProfileClick:   {adds: didOpen},
	audience.MoreLikeThis:   {adds: didOpen | didAskMore, drops: didAskLess},
	audience.NotInterested:  {adds: didOpen | didAskLess, drops: didAskMore},
	audience.MuteAuthor:     {adds: didOpen | didMute},
	audience.UnmuteAuthor:   {drops: didMute},
	audience.BlockAuthor:    {adds: didOpen | didBlock},
	audience.Report:         {adds: didOpen | didReport},
}

// After is the response once the viewer did something more. Of a play only how far it got counts, however often and in
// whatever order that was told. A duration of 0 is unknown.
func (r Response) After(act audience.Act, watched, duration time.Duration) Response {
	if int(act) >= len(effects) {
		return r
	}
	r = r&^effects[act].drops | effects[act].adds
	if act != audience.PlayProgress {
		return r
	}
	switch {
	case duration > 0 && 10*watched <= duration:
		if r&didStay == 0 {
			r |= didLeave
		}
	case watched > 0:
		r = r&^didLeave | didStay
	}
	if watched >= longTime || duration > 0 && float64(watched) >= longShare*float64(duration) {
		r = r&^didLeave | didWatch | didStay
	}
	return r
}

// Has reports whether it came to the outcome.
func (r Response) Has(o Outcome) bool { return r&ways[o] != 0 }

// Outcomes counts meetings by what came of them, decayed.
type Outcomes [NumOutcomes]float32

// move counts a meeting that became another, each with that weight.
func (t *Outcomes) move(was, is Response, by float32) {
	for o, way := range ways {
		switch had, has := was&way != 0, is&way != 0; {
		case has && !had:
			t[o] += by
		case had && !has:
			t[o] -= by
		}
	}
}
