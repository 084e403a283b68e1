package recommendtest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

func wholeItem(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	for n, s := range fullItems() {
		s.Number = catalog.Number(n + 1)
		x.Apply([]catalog.Snapshot{s})
		got := whole(x.View(), s.ID)
		require.NotNil(t, got)
		require.Equal(t, s, *got)
	}
}

func traits(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	s := fullItems()[0]
	s.State = catalog.Hidden
	x.Apply([]catalog.Snapshot{s})
	v := x.View()
	got := describe(v, s.ID)
	require.Equal(t, s.Number, got.Number)
	require.Equal(t, s.Details.PublishedAt.UnixMilli(), got.Published)
	require.Equal(t, s.Details.ExpiresAt.UnixMilli(), got.Expires)
	require.Equal(t, catalog.Hidden, got.State)
	require.Equal(t, uint32(s.Details.Duration.Milliseconds()), got.Duration)
	require.Equal(t, string(s.Details.Author), v.Name(recommend.AuthorField, got.Author))
	require.Equal(t, s.Details.Lang, v.Name(recommend.LangField, got.Lang))
	require.Equal(t, s.Details.Region, v.Name(recommend.RegionField, got.Region))
	require.Equal(t, s.Details.Tags, namesOf(v, recommend.TagField, got.Tags))
	require.Equal(t, s.Details.Labels, namesOf(v, recommend.LabelField, got.Labels))

	epoch := item("epoch", 99)
	epoch.Details.PublishedAt, epoch.Details.ExpiresAt = time.Unix(-9, 0).UTC(), time.Unix(0, 0).UTC()
	x.Apply([]catalog.Snapshot{epoch})
	require.False(t, describe(x.View(), "epoch").Live(noon.UnixMilli()), "an item that expired at the Unix epoch is no item without expiry")
}

func noSharedMemory(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	s := fullItems()[0]
	want := fullItems()[0]
	batch := []catalog.Snapshot{s}
	x.Apply(batch)
	batch[0].ID = "overwritten"
	for i := range s.Details.Payload {
		s.Details.Payload[i] = 'x'
	}
	s.Details.Tags[0], s.Details.Labels[0] = "overwritten", "overwritten"
	require.Equal(t, want, *whole(x.View(), want.ID))
}

func bareItem(t *testing.T, open func(*testing.T) Catalogue) {
	x := open(t)
	s := catalog.Snapshot{ID: "a", Number: 1, State: catalog.Published, Version: 1, ChangedAt: noon, Details: catalog.Details{PublishedAt: noon}}
	x.Apply([]catalog.Snapshot{s})
	v := x.View()
	require.Equal(t, s, *whole(v, "a"))
	tr := describe(v, "a")
	require.Zero(t, tr.Author+tr.Lang+tr.Region)
	require.Empty(t, tr.Tags)
	require.True(t, tr.Live(noon.UnixMilli()))
	require.Equal(t, []catalog.ItemID{"a"}, newest(v, recommend.Everything, 0, 10))
	require.Empty(t, newest(v, recommend.Shelf{Field: recommend.AuthorField}, 0, 10), "no shelf holds those without an author")
}
