package observing

import (
	"context"
	"errors"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

// decide carries out the events that are decisions of their viewers: follows, mutes, blocks and
// steering. It comes before the log, so that an event in the log has always taken effect; an event
// already in the log is not carried out again, because later decisions may have overtaken it.
func (r *RecordEvents) decide(ctx context.Context, b *batch, now time.Time) error {
	places, err := r.undecided(ctx, b)
	if err != nil {
		return err
	}
	for len(places) > 0 {
		viewer := b.events[places[0]].Viewer
		var mine, others []int
		for _, i := range places {
			if b.events[i].Viewer == viewer {
				mine = append(mine, i)
			} else {
				others = append(others, i)
			}
		}
		if err := r.decideFor(ctx, viewer, b, mine, now); err != nil {
			return err
		}
		places = others
	}
	return nil
}

// undecided lists the places of decisions that are not in the log yet.
func (r *RecordEvents) undecided(ctx context.Context, b *batch) ([]int, error) {
	var places []int
	var ids []engagement.EventID
	for _, i := range b.open() {
		if r.isDecision(&b.events[i]) {
			places = append(places, i)
			ids = append(ids, b.events[i].ID)
		}
	}
	if len(places) == 0 {
		return nil, nil
	}
	known, err := r.log.Known(ctx, ids)
	if err != nil {
		return nil, err
	}
	n := 0
	for k, i := range places {
		if !known[k] {
			places[n] = i
			n++
		}
	}
	return places[:n], nil
}

func (r *RecordEvents) isDecision(e *engagement.Event) bool {
	switch e.Act {
	case audience.FollowAuthor, audience.UnfollowAuthor, audience.MuteAuthor, audience.UnmuteAuthor, audience.BlockAuthor:
		return true
	case audience.MoreLikeThis, audience.NotInterested:
		return r.tuning
	}
	return false
}

func (r *RecordEvents) decideFor(ctx context.Context, id audience.ViewerID, b *batch, places []int, now time.Time) error {
	var changes []audience.Change
	rejected := map[int]error{}
	err := r.viewers.Update(ctx, id, func(v *audience.Viewer) error {
		clear(rejected)
		for _, i := range places {
			if err := apply(v, &b.events[i], b, i, now); err != nil {
				rejected[i] = err
			}
		}
		changes = v.Changes()
		return nil
	})
	if err != nil {
		return err
	}
	for i, err := range rejected {
		b.reject(i, err)
	}
	return r.known.Decide(ctx, id, changes)
}

var errNoAuthor = fault.New(fault.Invalid, "missing", "the event names no author and its item has none")

func apply(v *audience.Viewer, e *engagement.Event, b *batch, i int, now time.Time) error {
	switch e.Act {
	case audience.MoreLikeThis:
		return steer(v, e, audience.More, now)
	case audience.NotInterested:
		return steer(v, e, audience.Less, now)
	}
	author := b.authors[i]
	if author == "" {
		return errNoAuthor.On("author")
	}
	switch e.Act {
	case audience.FollowAuthor:
		return v.Follow(author, now)
	case audience.UnfollowAuthor:
		v.Drop(audience.Follows, author, now)
	case audience.MuteAuthor:
		return v.Mute(author, now)
	case audience.UnmuteAuthor:
		v.Drop(audience.Mutes, author, now)
	case audience.BlockAuthor:
		return v.Block(author, now)
	}
	return nil
}

// steer names the event's field where a decision would name its own.
func steer(v *audience.Viewer, e *engagement.Event, d audience.Direction, now time.Time) error {
	err := v.Steer(audience.Target{Kind: audience.OnItem, ID: string(e.Item)}, d, now)
	if refused := (*fault.Error)(nil); errors.As(err, &refused) {
		return refused.On("item")
	}
	return err
}
