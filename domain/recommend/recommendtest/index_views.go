package recommendtest

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

func viewNeverChanges(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	var all []catalog.Snapshot
	for n := range 700 {
		all = append(all, random(n, 1))
	}
	x.Apply(all[:600])
	v := x.View()
	before := dump(v)
	for n := range all {
		all[n] = random(n+5, 2)
		all[n].ID, all[n].Number = random(n, 1).ID, random(n, 1).Number
	}
	x.Apply(all)
	require.Equal(t, before, dump(v))
	require.Equal(t, recommend.Nowhere, locate(v, all[650].ID))
	require.NotEqual(t, recommend.Nowhere, locate(x.View(), all[650].ID))
	require.Zero(t, term(v, recommend.TagField, "new-name"))
	s := item("z", 5000)
	s.Details.Tags = []string{"new-name"}
	x.Apply([]catalog.Snapshot{s})
	require.Zero(t, term(v, recommend.TagField, "new-name"))
	require.NotZero(t, term(x.View(), recommend.TagField, "new-name"))
}

func versionGrows(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	last := x.View().Version()
	for n := range 5 {
		s := item("a", 1)
		s.Version = uint64(n + 1)
		x.Apply([]catalog.Snapshot{s})
		require.Greater(t, x.View().Version(), last)
		last = x.View().Version()
		x.Apply([]catalog.Snapshot{s})
		x.Apply(nil)
		require.Equal(t, last, x.View().Version())
	}
}

func wholeBatches(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	const group, rounds = 600, 60
	write := func(round int) {
		batch := make([]catalog.Snapshot, group)
		for n := range batch {
			batch[n] = random(n, uint64(round+1))
			batch[n].State = catalog.Published
			batch[n].Details.Tags = []string{"all"}
			batch[n].Details.PublishedAt = noon.Add(time.Duration((n*31+round*17)%group) * time.Minute)
		}
		batch = append(batch, item(catalog.ItemID("new"+itoa(round)), catalog.Number(10_000+round)))
		x.Apply(batch)
	}
	write(0)
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			ords, at := make([]recommend.Ordinal, group), make([]*catalog.Snapshot, group)
			for last := uint64(0); ; {
				v := x.View()
				shelf := recommend.Shelf{Field: recommend.TagField, Term: term(v, recommend.TagField, "all")}
				if !assert.Equal(t, group, v.Newest(shelf, 0, ords)) || !assert.GreaterOrEqual(t, v.Version(), last) {
					return
				}
				last = v.Version()
				v.Items(ords, at)
				for i, s := range at {
					if s.Version != at[0].Version || (i > 0 && s.Details.PublishedAt.After(at[i-1].Details.PublishedAt)) ||
						locate(v, s.ID) != ords[i] {
						assert.Fail(t, "a view shows half a batch")
						return
					}
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for round := 1; round < rounds; round++ {
		write(round)
	}
	close(done)
	readers.Wait()
}
