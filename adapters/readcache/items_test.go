package readcache_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
)

// pair is two instances that believe copies.
func pair(t *testing.T, s *stores) (a, b *instance) { return s.ready(t), s.ready(t) }

// past writes as whoever dies between the commit and the copies, and returns the item as it is then.
func (in *instance) past(id catalog.ItemID, title string) catalog.Snapshot {
	in.t.Helper()
	var after catalog.Snapshot
	_, err := in.source.ItemRepository.Update(ctx, []catalog.ItemID{id}, func(f *catalog.FeedItem, number func() (catalog.Number, error)) error {
		err := publishing(title)(f, number)
		after = f.Snapshot()
		return err
	})
	require.NoError(in.t, err)
	return after
}

func TestCopiesAnswerInThePlaceOfTheSource(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) *stores) {
		a, b := pair(t, open(t))
		a.put("x", "one")
		for range 3 {
			stale()
			require.Equal(t, "one", b.title("x"))
			require.Equal(t, "one", a.title("x"))
		}
		require.Zero(t, a.source.finds.Load()+b.source.finds.Load(), "the write made the copy")
		require.EqualValues(t, 1, b.items.Stats().Redis.Hits)
		require.EqualValues(t, 2, b.items.Stats().Local.Hits, "after that its contents were not sent again")
		for range 100 {
			require.Equal(t, none, b.title("nobody"))
		}
		require.Zero(t, b.source.finds.Load())
		require.EqualValues(t, 100, b.items.Stats().Filter.Hits)
	})
}

func TestWhatAnotherInstanceAcknowledgedIsAnswered(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) *stores) {
		a, b := pair(t, open(t))
		for i := range 30 {
			want := fmt.Sprint(i)
			a.put("x", want)
			require.Equal(t, want, b.title("x"))
			id := catalog.ItemID(fmt.Sprint("new", i))
			require.Equal(t, none, b.title(id))
			a.put(id, want)
			require.Equal(t, want, b.title(id), "what was missing is there")
			a.remove(id)
			require.Equal(t, none, b.title(id))
			b.put(id, "again")
			require.Equal(t, "again", a.title(id))
		}
	})
}

func TestWithoutAFilterMissingItemsAreCopiedToo(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) *stores) {
		s := open(t)
		a, b := s.instance(t), s.instance(t)
		for _, in := range []*instance{a, b} {
			in.eventually("copies are believed", func() bool { _, _ = in.guard.Renew(ctx); return in.guard.State().Trusted })
		}
		for range 5 {
			stale()
			require.Equal(t, none, a.title("x"))
			require.Equal(t, none, b.title("x"))
		}
		require.EqualValues(t, 1, a.source.finds.Load()+b.source.finds.Load())
		b.put("x", "one")
		require.Equal(t, "one", a.title("x"))
		require.Equal(t, "one", b.title("x"))
	})
}

func TestWhoReadBeforeAWriteLeavesNothingOldBehind(t *testing.T) {
	for name, write := range map[string]func(other *instance){
		"a write":   func(other *instance) { other.put("x", "two") },
		"a removal": func(other *instance) { other.remove("x") },
		"the stream": func(other *instance) {
			require.NoError(other.t, other.items.Apply(ctx, []catalog.Snapshot{other.past("x", "two")}))
		},
		"a repetition":  func(other *instance) { other.past("x", "two"); other.put("x", "two") },
		"two writes":    func(other *instance) { other.put("x", "three"); other.put("x", "two") },
		"a resurrected": func(other *instance) { other.remove("x"); other.put("x", "two") },
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, open func(testing.TB) *stores) {
				a, b := pair(t, open(t))
				a.past("x", "one")
				require.NoError(t, a.known.Apply(ctx, []catalog.Snapshot{{ID: "x"}}))
				require.NoError(t, b.known.Apply(ctx, []catalog.Snapshot{{ID: "x"}}))
				read, goOn := make(chan struct{}), make(chan struct{})
				var once sync.Once
				a.source.slow = func(catalog.ItemID) { once.Do(func() { close(read); <-goOn }) }
				var reading sync.WaitGroup
				reading.Go(func() { require.Equal(t, "one", a.title("x"), "it asked before") })
				<-read
				write(b)
				close(goOn)
				reading.Wait()
				want := "two"
				if name == "a removal" {
					want = none
				}
				for range 2 {
					require.Equal(t, want, a.title("x"))
					require.Equal(t, want, b.title("x"))
					stale()
				}
			})
		})
	}
}

func TestTheStreamMakesUpForWhoDiedBeforeTheCopy(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) *stores) {
		a, b := pair(t, open(t))
		a.put("x", "one")
		require.Equal(t, "one", b.title("x"))
		two := a.past("x", "two")
		three := a.past("x", "three")
		for range 2 { // it may repeat, and bring older news
			require.NoError(t, b.items.Apply(ctx, []catalog.Snapshot{three, two}))
			require.NoError(t, b.items.Apply(ctx, []catalog.Snapshot{two}))
			stale()
			require.Equal(t, "three", a.title("x"))
			require.Equal(t, "three", b.title("x"))
		}
		created := a.past("new", "one")
		require.NoError(t, b.known.Apply(ctx, []catalog.Snapshot{created}))
		require.NoError(t, b.items.Apply(ctx, []catalog.Snapshot{created}))
		require.Equal(t, "one", b.title("new"))
	})
}

func TestAWriteThatIsRepeatedIsAnsweredEvenIfItsFirstCommitWentUnanswered(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) *stores) {
		a, b := pair(t, open(t))
		a.put("x", "one")
		require.Equal(t, "one", b.title("x"))
		a.past("x", "two")
		a.past("new", "two")
		a.put("x", "two")
		a.put("new", "two")
		require.Equal(t, "two", b.title("x"))
		require.Equal(t, "two", b.title("new"))
	})
}

func TestNothingIsSharedBetweenReaders(t *testing.T) {
	a, _ := pair(t, embedded(t))
	_, err := a.items.Update(ctx, []catalog.ItemID{"x"}, func(f *catalog.FeedItem, number func() (catalog.Number, error)) error {
		n, err := number()
		require.NoError(t, err)
		return f.Publish(n, catalog.Details{Tags: []string{"tag"}, Payload: []byte("1")}, time.Now())
	})
	require.NoError(t, err)
	for range 3 {
		item, err := a.items.Find(ctx, "x")
		require.NoError(t, err)
		d := item.Snapshot().Details
		require.Equal(t, []string{"tag"}, d.Tags)
		require.Equal(t, "1", string(d.Payload))
		d.Tags[0], d.Payload[0] = "spoilt", 'X'
	}
}

func TestManyReadersOfOneItemAskTheSourceOnce(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) *stores) {
		a, b := pair(t, open(t))
		s := a.past("x", "one")
		for _, in := range []*instance{a, b} {
			require.NoError(t, in.known.Apply(ctx, []catalog.Snapshot{s}))
			in.source.slow = func(catalog.ItemID) { time.Sleep(30 * time.Millisecond) }
		}
		var all sync.WaitGroup
		for i := range 200 {
			all.Go(func() { require.Equal(t, "one", []*instance{a, b}[i%2].title("x")) })
		}
		all.Wait()
		require.EqualValues(t, 1, a.source.finds.Load()+b.source.finds.Load(), "by one process of the two")
		require.Positive(t, a.items.Stats().Joined)
		require.Positive(t, a.items.Stats().Waits+b.items.Stats().Waits)
	})
}

func TestWithoutCopiesManyReadersOfOneProcessAskTheSourceTwiceAtMost(t *testing.T) {
	s := embedded(t)
	s.opts.Lease = time.Hour // copies are never believed
	a := s.instance(t)
	a.past("x", "one")
	a.source.slow = func(catalog.ItemID) { time.Sleep(50 * time.Millisecond) }
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() { require.Equal(t, "one", a.title("x")) })
	}
	all.Wait()
	require.LessOrEqual(t, a.source.finds.Load(), int64(3))
}

func TestWhoWaitsForAnotherInstanceDoesNotWaitLong(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) *stores) {
		a, b := pair(t, open(t))
		s := a.past("x", "one")
		for _, in := range []*instance{a, b} {
			require.NoError(t, in.known.Apply(ctx, []catalog.Snapshot{s}))
		}
		read, goOn := make(chan struct{}), make(chan struct{})
		var once sync.Once
		a.source.slow = func(catalog.ItemID) { once.Do(func() { close(read); <-goOn }) }
		var reading sync.WaitGroup
		reading.Go(func() { require.Equal(t, "one", a.title("x")) })
		<-read
		require.Equal(t, "one", b.title("x"), "though the other does not come back")
		require.EqualValues(t, 1, b.items.Stats().Late)
		close(goOn)
		reading.Wait()
	})
}

func TestWhoJoinsAReadThatBeganBeforeAWriteIsNotAnsweredByIt(t *testing.T) {
	onEach(t, func(t *testing.T, open func(testing.TB) *stores) {
		a, b := pair(t, open(t))
		a.past("x", "one")
		for _, in := range []*instance{a, b} {
			require.NoError(t, in.known.Apply(ctx, []catalog.Snapshot{{ID: "x"}}))
		}
		read, goOn := make(chan struct{}), make(chan struct{})
		var once sync.Once
		a.source.slow = func(catalog.ItemID) { once.Do(func() { close(read); <-goOn }) }
		var reading sync.WaitGroup
		reading.Go(func() { require.Equal(t, "one", a.title("x"), "it asked before") })
		<-read
		b.put("x", "two")
		for range 10 {
			reading.Go(func() { require.Equal(t, "two", a.title("x")) })
		}
		a.eventually("they have joined", func() bool { return a.items.Stats().Joined == 10 })
		close(goOn)
		reading.Wait()
	})
}

func TestAnEpochIsNotBelievedBeforeEveryWriterKnowsOfIt(t *testing.T) {
	s := embedded(t)
	s.opts.Lease, s.opts.Rest = time.Second, 20*time.Millisecond
	writer, reader := s.instance(t), s.instance(t)
	writer.past("x", "one")
	_, err := writer.guard.Renew(ctx) // copies are closed: nobody reads them, so it writes none
	require.NoError(t, err)
	epoch := writer.guard.State().Epoch
	reader.eventually("another instance opens them", func() bool {
		_, err := reader.guard.Renew(ctx)
		return err == nil && reader.guard.State().Epoch > epoch
	})
	require.False(t, reader.guard.State().Trusted)
	require.Equal(t, "one", reader.title("x"))
	writer.put("x", "two")
	require.Equal(t, "two", reader.title("x"))
}
