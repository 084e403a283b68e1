package publishing_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/test/world"
)

var ctx = context.Background()

// shelved is the item in the process's own index, nil when it is not there.
func shelved(p *world.Process, id catalog.ItemID) *catalog.Snapshot {
	at, items := []recommend.Ordinal{0}, []*catalog.Snapshot{nil}
	view := p.Index.View()
	view.Locate([]catalog.ItemID{id}, at)
	view.Items(at, items)
	return items[0]
}

func shown(p *world.Process, id catalog.ItemID) bool {
	a := p.Page("v", "")
	for _, it := range a.Items {
		if it.Item == id {
			return true
		}
	}
	return false
}

func TestARejectedDraftDoesNotKeepTheOthersOut(t *testing.T) {
	p := world.New(t).Process()
	unread := fault.New(fault.Invalid, "not_json", "line 3")
	drafts := []publishing.Draft{
		{ID: "a"}, {ID: "b/c"}, {Err: unread}, {ID: "a", Details: catalog.Details{Title: "again"}},
		{ID: "d", Details: catalog.Details{Tags: []string{"fine", ""}}}, {ID: "e", Details: catalog.Details{Title: "E"}}, {},
	}
	outcomes, err := p.Items.PutAll(ctx, drafts)
	require.NoError(t, err)
	require.Equal(t, []publishing.Outcome{
		{Status: publishing.Created}, {Status: publishing.Rejected, Err: outcomes[1].Err}, {Status: publishing.Rejected, Err: unread},
		{Status: publishing.Rejected, Err: outcomes[3].Err}, {Status: publishing.Rejected, Err: outcomes[4].Err},
		{Status: publishing.Created}, {Status: publishing.Rejected, Err: outcomes[6].Err},
	}, outcomes)
	for i, want := range map[int]struct {
		err   error
		field string
	}{1: {catalog.ErrID, "id"}, 3: {publishing.ErrRepeated, "id"}, 4: {catalog.ErrTag, "tags"}, 6: {catalog.ErrID, "id"}} {
		require.ErrorIs(t, outcomes[i].Err, want.err)
		require.Equal(t, want.field, outcomes[i].Err.Field())
	}
	a, err := p.Items.Get(ctx, "a")
	require.NoError(t, err)
	require.Empty(t, a.Details.Title, "the first of a repeated id is the item")
	for _, gone := range []catalog.ItemID{"b/c", "d"} {
		_, err = p.Items.Get(ctx, gone)
		require.ErrorIs(t, err, catalog.ErrItemNotFound)
		require.Nil(t, shelved(p, gone))
	}

	drafts[0].Details.Title = "A"
	outcomes, err = p.Items.PutAll(ctx, drafts[:1])
	require.NoError(t, err)
	require.Equal(t, publishing.Updated, outcomes[0].Status)
	require.Equal(t, "A", shelved(p, "a").Details.Title)
}

func TestAnEmptyBatchIsNoFault(t *testing.T) {
	outcomes, err := world.New(t).Process().Items.PutAll(ctx, nil)
	require.NoError(t, err)
	require.Empty(t, outcomes)
}

func TestABatchHasALimit(t *testing.T) {
	p := world.New(t).Process()
	_, err := p.Items.PutAll(ctx, make([]publishing.Draft, publishing.MaxBatch+1))
	require.ErrorIs(t, err, publishing.ErrBatch)
}

func TestALongBatchIsStoredInSeveralCommits(t *testing.T) {
	w := world.New(t)
	var repo world.Breaker
	p := w.Process(func(parts *world.Parts) { parts.Items = world.Items{ItemRepository: parts.Items, Breaker: &repo} })
	drafts := make([]publishing.Draft, 1203)
	for i := range drafts {
		drafts[i].ID = world.ItemID(i)
		if i%400 == 1 {
			drafts[i].Details.Duration = -1
		}
	}
	outcomes, err := p.Items.PutAll(ctx, drafts)
	require.NoError(t, err)
	require.EqualValues(t, 3, repo.Calls())
	numbers := map[catalog.Number]bool{}
	for i, o := range outcomes {
		if i%400 == 1 {
			require.Equal(t, publishing.Rejected, o.Status)
			require.Equal(t, "duration_ms", o.Err.Field())
			continue
		}
		require.Equal(t, publishing.Created, o.Status, "%d: %v", i, o.Err)
		numbers[shelved(p, drafts[i].ID).Number] = true
	}
	require.Len(t, numbers, 1199)
}

func TestABatchThatFailedMayBeSentAgain(t *testing.T) {
	w := world.New(t)
	var repo world.Breaker
	p := w.Process(func(parts *world.Parts) { parts.Items = world.Items{ItemRepository: parts.Items, Breaker: &repo} })
	drafts := []publishing.Draft{{ID: "a"}, {ID: "b"}}
	for _, how := range []world.State{world.Fails, world.Deceives} {
		repo.Set(how)
		_, err := p.Items.PutAll(ctx, drafts)
		require.ErrorIs(t, err, world.ErrBroken)
		require.Nil(t, shelved(p, "a"), "nothing is shown that may not be stored")
	}
	repo.Set(world.Works)
	outcomes, err := p.Items.PutAll(ctx, drafts)
	require.NoError(t, err)
	require.Len(t, outcomes, 2)
	a, err := p.Items.Get(ctx, "a")
	require.NoError(t, err)
	require.EqualValues(t, 1, a.Version)
}

func TestTheInstanceThatTookAnItemShowsItAtOnce(t *testing.T) {
	p := world.New(t).Process()
	created, err := p.Items.Put(ctx, "a", catalog.Details{Title: "A"})
	require.NoError(t, err)
	require.True(t, created)
	require.True(t, shown(p, "a"))
	created, err = p.Items.Put(ctx, "a", catalog.Details{Title: "B"})
	require.NoError(t, err)
	require.False(t, created)
	require.Equal(t, "B", shelved(p, "a").Details.Title)
}

func TestTheLifeOfAnItem(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	for range 2 { // and again after it was removed
		created, err := p.Items.Put(ctx, "a", catalog.Details{Title: "A"})
		require.NoError(t, err)
		require.True(t, created)
		for range 2 { // said twice, it changes nothing more
			require.NoError(t, p.Items.Hide(ctx, "a"))
			require.False(t, shown(p, "a"))
		}
		hidden, err := p.Items.Get(ctx, "a")
		require.NoError(t, err)
		require.Equal(t, catalog.Hidden, hidden.State)
		created, err = p.Items.Put(ctx, "a", catalog.Details{Title: "B"})
		require.NoError(t, err)
		require.False(t, created)
		require.False(t, shown(p, "a"), "published again, what is hidden stays hidden")
		require.NoError(t, p.Items.Restore(ctx, "a"))
		require.True(t, shown(p, "a"))
		require.NoError(t, p.Items.Remove(ctx, "a"))
		require.False(t, shown(p, "a"))
		_, err = p.Items.Get(ctx, "a")
		require.ErrorIs(t, err, catalog.ErrItemNotFound)
	}
	for name, do := range map[string]func(context.Context, catalog.ItemID) error{"hide": p.Items.Hide, "restore": p.Items.Restore, "remove": p.Items.Remove} {
		require.ErrorIs(t, do(ctx, "a"), catalog.ErrItemNotFound, name)
		require.ErrorIs(t, do(ctx, "unheard-of"), catalog.ErrItemNotFound, name)
		require.ErrorIs(t, do(ctx, "a/b"), catalog.ErrID, name)
	}
}

func TestAPatchChangesWhatItNames(t *testing.T) {
	w := world.New(t)
	p := w.Process()
	published := w.Clock.Now().Add(-time.Hour)
	_, err := p.Items.Put(ctx, "a", catalog.Details{Title: "A", Author: "x", Tags: []string{"t"}, PublishedAt: published})
	require.NoError(t, err)
	title, tags := "B", []string{}
	after, err := p.Items.Patch(ctx, "a", catalog.Patch{Title: &title, Tags: &tags})
	require.NoError(t, err)
	require.Equal(t, "B", after.Details.Title)
	require.Empty(t, after.Details.Tags)
	require.Equal(t, catalog.AuthorID("x"), after.Details.Author)
	require.Equal(t, published, after.Details.PublishedAt)
	require.EqualValues(t, 2, after.Version)
	require.Equal(t, "B", shelved(p, "a").Details.Title)
	stored, err := p.Items.Get(ctx, "a")
	require.NoError(t, err)
	require.Equal(t, after, stored)

	after, err = p.Items.Patch(ctx, "a", catalog.Patch{Title: &title})
	require.NoError(t, err)
	require.EqualValues(t, 2, after.Version, "what changes nothing is no change")

	long := string(make([]byte, catalog.MaxTitleBytes+1))
	for name, c := range map[string]struct {
		id    catalog.ItemID
		patch catalog.Patch
		want  error
		field string
	}{
		"nothing named": {"a", catalog.Patch{}, publishing.ErrEmpty, ""},
		"no such item":  {"b", catalog.Patch{Title: &title}, catalog.ErrItemNotFound, ""},
		"no id":         {"", catalog.Patch{Title: &title}, catalog.ErrID, "id"},
		"a bad title":   {"a", catalog.Patch{Title: &long}, catalog.ErrTooLong, "title"},
	} {
		_, err := p.Items.Patch(ctx, c.id, c.patch)
		require.ErrorIs(t, err, c.want, name)
		require.Equal(t, c.field, fault.Of(err).Field(), name)
	}
	require.Equal(t, "B", shelved(p, "a").Details.Title)
}

func TestEveryChangeIsAFactForTheRelayInItsOwnCommit(t *testing.T) {
	w := world.New(t)
	p, other := w.Process(), w.Process()
	_, err := other.Keeper.Build(ctx)
	require.NoError(t, err)
	for i := range 3 {
		_, err := p.Items.Put(ctx, catalog.ItemID(fmt.Sprint("i", i)), catalog.Details{})
		require.NoError(t, err)
	}
	require.NoError(t, p.Items.Hide(ctx, "i1"))
	require.NoError(t, p.Items.Hide(ctx, "i1"))
	moved, err := p.Relay.Drain(ctx)
	require.NoError(t, err)
	require.Equal(t, 4, moved)
	_, err = other.Keeper.Follow(ctx)
	require.NoError(t, err)
	require.Equal(t, catalog.Hidden, shelved(other, "i1").State)
	require.Equal(t, catalog.Published, shelved(other, "i2").State)
}
