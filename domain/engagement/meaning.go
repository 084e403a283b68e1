package engagement

import (
	"time"

	"github.com/freshet/freshet/domain/audience"
)

// LongWatch is the share of an item, or the time, from which a play counts as consumption.
const (
	LongWatchShare = 0.8
	LongWatchTime  = 3 * time.Minute
)

// Weights say how much one act of each kind is worth as a sign of liking; negative is dislike.
// Operators set them; a kind without a weight is worth nothing.
type Weights map[audience.Act]float32

// DefaultWeights are the prior before an operator says otherwise.
func DefaultWeights() Weights {
	return Weights{
		audience.Seen: 0, audience.Open: 0.5, audience.PlayStart: 0.2, audience.PlayProgress: 1, audience.PlayComplete: 1,
		audience.Skip: -0.6, audience.Like: 1.5, audience.Unlike: -1, audience.Favorite: 2, audience.Unfavorite: -1,
		audience.Comment: 1.5, audience.Share: 2, audience.FollowAuthor: 1, audience.UnfollowAuthor: -0.5,
		audience.ProfileClick: 0.3, audience.MoreLikeThis: 2, audience.NotInterested: -2, audience.MuteAuthor: -2,
		audience.UnmuteAuthor: 0, audience.BlockAuthor: -3, audience.Report: -3,
	}
}

// Worth is what one action says of liking: its act's weight, for plays scaled by how much was
// watched: a tenth or less is a mild dislike, the whole is the full weight.
func (w Weights) Worth(act audience.Act, watched, duration time.Duration) float32 {
	weight := w[act]
	if act != audience.PlayProgress {
		return weight
	}
	return weight * watchedWorth(watched, duration)
}

func watchedWorth(watched, duration time.Duration) float32 {
	if duration <= 0 {
		return min(1, float32(watched)/float32(30*time.Second))
	}
	if 10*watched <= duration {
		return -0.3
	}
	return min(1, float32(watched)/float32(duration))
}

// Met reports that the viewer has seen the item: every act on an item but a play that only began
// and an act that takes another back.
func (e *Event) Met() bool {
	switch e.Act {
	case audience.PlayStart, audience.Unlike, audience.Unfavorite, audience.UnfollowAuthor, audience.UnmuteAuthor:
		return false
	}
	return e.Item != ""
}

// Consumed reports that the viewer is done with the item for long: liked, kept, shared, completed
// or watched most of it.
func (e *Event) Consumed() bool {
	switch e.Act {
	case audience.Like, audience.Favorite, audience.Share, audience.Comment, audience.PlayComplete:
		return true
	case audience.PlayProgress:
		return e.Watched >= LongWatchTime || (e.Duration > 0 && float64(e.Watched) >= LongWatchShare*float64(e.Duration))
	}
	return false
}
