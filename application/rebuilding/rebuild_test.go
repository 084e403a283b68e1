package rebuilding_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/rebuilding"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/test/world"
)

var ctx = context.Background()

// town is a world with a process that serves, and what rebuilds its fast store.
type town struct {
	*world.World
	*world.Process
	records rebuilding.Records
	copies  rebuilding.Copies
	clock   func() time.Time
}

func newTown(t testing.TB) *town {
	w := world.New(t)
	return &town{w, w.Process(), mysqlstore.NewViewerRecords(w.DB), redisstore.NewCopies(w.Redis), w.Clock.Now}
}

func (n *town) rebuild(t testing.TB, change ...func(*rebuilding.Options)) rebuilding.Progress {
	t.Helper()
	p, err := n.try(ctx, change...)
	require.NoError(t, err)
	return p
}

func (n *town) try(ctx context.Context, change ...func(*rebuilding.Options)) (rebuilding.Progress, error) {
	o := rebuilding.Options{Sessions: feed.DefaultLife, Parallel: 2}
	for _, c := range change {
		c(&o)
	}
	return rebuilding.NewRebuild(n.records, n.copies, n.clock).Run(ctx, o, func(rebuilding.Progress) {})
}

// held is what is held of the viewer now; nil: no copy.
func (n *town) held(t require.TestingT, id audience.ViewerID) *audience.Knowledge {
	k, known, err := redisstore.NewRemembrance(n.Redis).Recall(ctx, id)
	require.NoError(t, err)
	if !known {
		return nil
	}
	return &k
}

// effective is the knowledge with the newest mark of each item alone: a copy that grew by notes may hold older ones, which change
// nothing.
func effective(k *audience.Knowledge) audience.Knowledge {
	e := *k
	for _, marks := range []*[]audience.Mark{&e.Memory.Seen, &e.Memory.Consumed} {
		last := map[catalog.Number]int{}
		for i, m := range *marks {
			last[m.Item] = i
		}
		kept := []audience.Mark{}
		for i, m := range *marks {
			if last[m.Item] == i {
				kept = append(kept, m)
			}
		}
		slices.SortFunc(kept, func(a, b audience.Mark) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Item, b.Item)) })
		*marks = kept
	}
	return e
}

func (n *town) archived(t require.TestingT) {
	for {
		done, err := n.Archivist.Drain(ctx)
		require.NoError(t, err)
		if done == 0 {
			return
		}
	}
}

func TestWhatIsHeldAfterALossAndARebuildIsWhatWasHeldBefore(t *testing.T) {
	n := newTown(t)
	n.Stock(80)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		named := func(i int) audience.ViewerID { return audience.ViewerID(fmt.Sprintf("v%d of %d", i, round)) }
		viewers := rapid.IntRange(1, 6).Draw(rt, "viewers")
		cursors := map[audience.ViewerID][]string{}
		for range rapid.IntRange(1, 25).Draw(rt, "doings") {
			v := named(rapid.IntRange(1, viewers).Draw(rt, "viewer"))
			n.Clock.Advance(time.Second)
			switch item := world.ItemID(rapid.IntRange(1, 80).Draw(rt, "item")); rapid.IntRange(0, 4).Draw(rt, "what") {
			case 0:
				n.Record(n.Did(v, audience.Like, item))
			case 1:
				e := n.Did(v, audience.PlayProgress, item)
				e.Session, e.Watched, e.Duration = "s", 20*time.Second, time.Minute
				n.Record(e)
			case 2:
				require.NoError(rt, n.Decisions.Relate(ctx, v, audience.Follows, world.AuthorOf(rapid.IntRange(0, 9).Draw(rt, "author"))))
			case 3:
				cursors[v] = append(cursors[v], n.Page(v, "").Cursor)
			default:
				if of := cursors[v]; len(of) > 0 {
					cursors[v] = append(cursors[v], n.Page(v, of[len(of)-1]).Cursor)
				}
			}
		}
		n.archived(rt)
		before, sessions := map[audience.ViewerID]*audience.Knowledge{}, map[string]*feed.RecommendationSession{}
		open := func(v audience.ViewerID, cursor string) *feed.RecommendationSession {
			c, err := n.Pages.Walk(cursor)
			require.NoError(rt, err)
			o, err := redisstore.NewSessions(n.Redis).Open(ctx, v, c.Session, c.Page-1)
			require.NoError(rt, err)
			return o.Session
		}
		for i := range viewers {
			v := named(i + 1)
			n.Ladder.Look(ctx, v, "", 1) // so that a copy is held
			before[v] = n.held(rt, v)
			require.NotNil(rt, before[v])
			for _, c := range cursors[v] {
				sessions[c] = open(v, c)
				require.NotNil(rt, sessions[c])
			}
		}

		n.WipeRedis()
		p := n.rebuild(t)
		require.Zero(rt, p.Held+p.Left)
		for v, k := range before {
			got := n.held(rt, v)
			if got == nil { // somebody who did nothing
				require.Empty(rt, k.Actions)
				require.Empty(rt, k.Memory.Served)
				continue
			}
			require.Equal(rt, effective(k), effective(got))
			for _, c := range cursors[v] {
				require.Equal(rt, sessions[c], open(v, c))
			}
		}
		again := n.rebuild(t)
		require.Equal(rt, rebuilding.Progress{Looked: p.Looked, Held: p.Looked}, again, "a second time there is nothing to do")
		for v, of := range cursors { // and sessions go on from there, without a repeat
			require.Len(rt, n.Page(v, of[len(of)-1]).Items, 10)
		}
	})
}

func TestNothingThatWasRecordedDuringARebuildIsMissing(t *testing.T) {
	n := newTown(t)
	n.Stock(60)
	var viewers []audience.ViewerID
	for i := range 150 {
		v := audience.ViewerID(fmt.Sprintf("v%03d", i))
		viewers = append(viewers, v)
		n.Record(n.Did(v, audience.Like, world.ItemID(1)))
	}
	n.WipeRedis()

	// Two instances serve and record while it is rebuilt, twice.
	var group sync.WaitGroup
	stop := make(chan struct{})
	for seed := range 2 {
		other := n.World.Process()
		_, err := other.Keeper.Build(ctx)
		require.NoError(t, err)
		group.Go(func() {
			draw := rand.New(rand.NewPCG(uint64(seed), 1))
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				v, item := viewers[draw.IntN(len(viewers))], world.ItemID(2+draw.IntN(50))
				e := other.Did(v, audience.Like, item)
				e.ID = engagement.EventID(fmt.Sprintf("%d-%d", seed, i))
				if _, err := other.Events.Record(ctx, []engagement.Event{e}); err != nil {
					panic(err)
				}
				if i%3 == 0 {
					if err := other.Decisions.Relate(ctx, v, audience.Mutes, world.AuthorOf(draw.IntN(10))); err != nil {
						panic(err)
					}
				}
				if i%5 == 0 {
					if _, err := other.Ask(v, ""); err != nil {
						panic(err)
					}
				}
			}
		})
	}
	for range 2 {
		n.rebuild(t)
	}
	close(stop)
	group.Wait()
	n.archived(t)
	held := 0
	for _, v := range viewers {
		k := n.held(t, v)
		if k == nil {
			continue // left to the next page
		}
		held++
		want, err := mysqlstore.NewRecollection(n.DB).Recollect(ctx, v, time.Time{})
		require.NoError(t, err)
		require.Equal(t, want.Actions, k.Actions, "%s", v)
		require.Equal(t, want.Digest(), k.Digest(), "%s", v)
		require.ElementsMatch(t, want.Memory.Served, k.Memory.Served, "%s", v)
	}
	require.Greater(t, held, 100)
}
