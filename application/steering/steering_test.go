package steering_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/application/steering"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/test/world"
)

var ctx = context.Background()

func target(kind audience.TargetKind, id string) audience.Target {
	return audience.Target{Kind: kind, ID: id}
}

func authors(a serving.Answer) map[catalog.AuthorID]int {
	n := map[catalog.AuthorID]int{}
	for _, it := range a.Items {
		n[it.Author]++
	}
	return n
}

func TestTheLatestDecisionOnATargetWins(t *testing.T) {
	w := world.New(t)
	d := w.Process().Decisions
	on := target(audience.OnTag, "t1")
	first, err := d.Steer(ctx, "v", on, audience.More)
	require.NoError(t, err)
	require.Equal(t, audience.Decision{Target: on, Direction: audience.More, At: w.Clock.Now()}, first)
	w.Clock.Advance(time.Second)
	same, err := d.Steer(ctx, "v", on, audience.More)
	require.NoError(t, err)
	require.Equal(t, first, same, "said twice, it stays as it was decided")
	second, err := d.Steer(ctx, "v", on, audience.Less)
	require.NoError(t, err)
	require.Equal(t, audience.Less, second.Direction)
	held, err := d.Decision(ctx, "v", on)
	require.NoError(t, err)
	require.Equal(t, second, held)
	list, err := d.Decisions(ctx, "v", 0)
	require.NoError(t, err)
	require.Equal(t, []audience.Decision{second}, list)
}

func TestDecisionsAreListedNewestFirst(t *testing.T) {
	w := world.New(t)
	d := w.Process().Decisions
	for _, on := range []audience.Target{target(audience.OnItem, "b"), target(audience.OnAuthor, "a"), target(audience.OnItem, "a")} {
		_, err := d.Steer(ctx, "v", on, audience.Less)
		require.NoError(t, err)
	}
	w.Clock.Advance(time.Second)
	_, err := d.Steer(ctx, "v", target(audience.OnTag, "t"), audience.More)
	require.NoError(t, err)
	ids := func(kind audience.TargetKind) (ids []string) {
		list, err := d.Decisions(ctx, "v", kind)
		require.NoError(t, err)
		for _, x := range list {
			ids = append(ids, x.Target.Kind.String()+" "+x.Target.ID)
		}
		return ids
	}
	require.Equal(t, []string{"tag t", "item a", "item b", "author a"}, ids(0))
	require.Equal(t, []string{"item a", "item b"}, ids(audience.OnItem))
	require.Empty(t, w.Traces("w-"), "nothing is kept of who decided nothing")
	list, err := d.Decisions(ctx, "w", 0)
	require.NoError(t, err)
	require.Empty(t, list)
}

func TestAnUndoReversesTheEffect(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(200)
	on := target(audience.OnAuthor, "a3")
	before := p.Page("v", "")
	require.Positive(t, authors(before)["a3"])
	_, err := p.Decisions.Steer(ctx, "v", on, audience.Less)
	require.NoError(t, err)
	steered := p.Page("v", before.Cursor)
	require.Zero(t, authors(steered)["a3"])
	require.NoError(t, p.Decisions.Undo(ctx, "v", on))
	require.Positive(t, authors(p.Page("v", steered.Cursor))["a3"])

	require.ErrorIs(t, p.Decisions.Undo(ctx, "v", on), audience.ErrNoDecision)
	_, err = p.Decisions.Decision(ctx, "v", on)
	require.ErrorIs(t, err, audience.ErrNoDecision)
}

func TestASteeredAwayItemNeverReturns(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(25)
	_, err := p.Decisions.Steer(ctx, "v", target(audience.OnItem, "i0003"), audience.Less)
	require.NoError(t, err)
	for range 3 { // the whole catalogue, three times over
		cursor := ""
		for {
			a := p.Page("v", cursor)
			require.NotContains(t, world.IDs(a), catalog.ItemID("i0003"))
			if cursor = a.Cursor; cursor == "" {
				break
			}
		}
		w.Clock.Advance(24 * time.Hour)
	}
	require.Contains(t, world.IDs(p.Page("w", "")), catalog.ItemID("i0003"), "another viewer sees nothing of it")
}

func TestADecisionIsDurableBeforeItIsAcknowledged(t *testing.T) {
	w := world.New(t)
	var fast, marks world.Breaker
	p := w.Process(func(parts *world.Parts) {
		parts.Fast = world.Remembrance{Remembrance: parts.Fast, Breaker: &fast}
		parts.Repairs = world.Repairs{Repairs: parts.Repairs, Breaker: &marks}
	})
	on := target(audience.OnTag, "t1")
	fast.Set(world.Fails)
	_, err := p.Decisions.Steer(ctx, "v", on, audience.Less)
	require.NoError(t, err, "the fast copy is mended later")
	marks.Set(world.Fails)
	_, err = p.Decisions.Steer(ctx, "v", on, audience.More)
	require.True(t, fault.Is(err, fault.Unavailable), "nobody would mend it: not acknowledged")

	w.WipeRedis()
	held, err := w.Process().Decisions.Decision(ctx, "v", on) // another process, after both are gone
	require.NoError(t, err)
	require.Equal(t, audience.More, held.Direction, "durable, though the client was not told")
	require.Len(t, w.Process().Ladder.Look(ctx, "v", "", 1).Knowledge.Viewer.Decisions(), 1)
}

func TestWithoutTuningNothingIsTuned(t *testing.T) {
	w := world.New(t)
	on := target(audience.OnTag, "t1")
	_, err := w.Process().Decisions.Steer(ctx, "v", on, audience.More)
	require.NoError(t, err)
	d := w.Process(func(parts *world.Parts) { parts.Untuned = true }).Decisions
	_, err = d.Steer(ctx, "v", on, audience.Less)
	require.ErrorIs(t, err, steering.ErrDisabled)
	require.ErrorIs(t, d.Undo(ctx, "v", on), steering.ErrDisabled)
	_, err = d.Decision(ctx, "v", on)
	require.ErrorIs(t, err, steering.ErrDisabled)
	_, err = d.Decisions(ctx, "v", 0)
	require.ErrorIs(t, err, steering.ErrDisabled)
	require.NoError(t, d.Relate(ctx, "v", audience.Follows, "a1"), "following is no tuning")
}

func TestSteeringRefuses(t *testing.T) {
	d := world.New(t).Process().Decisions
	for name, c := range map[string]struct {
		on   audience.Target
		way  audience.Direction
		want error
	}{
		"no kind":        {target(0, "x"), audience.More, audience.ErrTarget},
		"a bad item":     {target(audience.OnItem, "a/b"), audience.More, catalog.ErrID},
		"a bad tag":      {target(audience.OnTag, ""), audience.More, catalog.ErrTag},
		"no direction":   {target(audience.OnItem, "x"), 0, audience.ErrDirection},
		"twice the more": {target(audience.OnItem, "x"), 2, audience.ErrDirection},
	} {
		_, err := d.Steer(ctx, "v", c.on, c.way)
		require.ErrorIs(t, err, c.want, name)
	}
	require.ErrorIs(t, d.Relate(ctx, "v", audience.Follows, "a/b"), catalog.ErrID)
	list, err := d.Decisions(ctx, "v", 0)
	require.NoError(t, err)
	require.Empty(t, list)
}

func TestRelations(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	p.Stock(100)
	d := p.Decisions
	for _, a := range []catalog.AuthorID{"a1", "a2"} {
		w.Clock.Advance(time.Second)
		require.NoError(t, d.Relate(ctx, "v", audience.Follows, a))
	}
	require.NoError(t, d.Relate(ctx, "v", audience.Mutes, "a3"))
	ties, err := d.Relations(ctx, "v", audience.Follows)
	require.NoError(t, err)
	require.Equal(t, []catalog.AuthorID{"a2", "a1"}, []catalog.AuthorID{ties[0].Author, ties[1].Author}, "newest first")

	followed, err := p.Pages.Serve(ctx, serving.Request{Feed: "following", Viewer: "v", Size: 10})
	require.NoError(t, err)
	require.Len(t, authors(followed), 2)
	require.Zero(t, authors(p.Page("v", ""))["a3"])

	require.NoError(t, d.Relate(ctx, "v", audience.Blocks, "a1"), "which ends following")
	require.ErrorIs(t, d.Unrelate(ctx, "v", audience.Follows, "a1"), steering.ErrNoRelation)
	require.NoError(t, d.Unrelate(ctx, "v", audience.Follows, "a2"))
	require.NoError(t, d.Unrelate(ctx, "v", audience.Mutes, "a3"))
	require.ErrorIs(t, d.Unrelate(ctx, "v", audience.Mutes, "a3"), steering.ErrNoRelation)
	for relation, want := range map[audience.Relation]int{audience.Follows: 0, audience.Mutes: 0, audience.Blocks: 1} {
		ties, err := d.Relations(ctx, "v", relation)
		require.NoError(t, err)
		require.Len(t, ties, want, relation.String())
	}
}
