package catalog_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

func published(t require.TestingT, d catalog.Details) *catalog.FeedItem {
	item := catalog.Unknown("x")
	require.NoError(t, item.Publish(7, d, noon))
	return item
}

func TestAnUnknownItem(t *testing.T) {
	item := catalog.Unknown("x")
	require.False(t, item.Exists())
	require.True(t, item.NeedsNumber())
	require.Empty(t, item.Facts())
	require.Equal(t, catalog.Snapshot{ID: "x"}, item.Snapshot())
}

func TestStatesAsClientsReadThem(t *testing.T) {
	for state, name := range map[catalog.State]string{
		catalog.Unpublished: "unpublished", catalog.Published: "published", catalog.Hidden: "hidden", catalog.Removed: "removed",
	} {
		require.Equal(t, name, state.String())
	}
}

func TestANewItemNeedsANumber(t *testing.T) {
	for _, c := range []struct {
		name   string
		number catalog.Number
		want   error
	}{
		{"none", 0, catalog.ErrNumber},
		{"the first", 1, nil},
		{"the last", 1<<53 - 1, nil},
		{"one past it", 1 << 53, catalog.ErrNumber},
	} {
		t.Run(c.name, func(t *testing.T) {
			item := catalog.Unknown("x")
			require.ErrorIs(t, item.Publish(c.number, full(), noon), c.want)
			if c.want != nil {
				require.Equal(t, catalog.Snapshot{ID: "x"}, item.Snapshot(), "a refused publication changes nothing")
				require.Empty(t, item.Facts())
			} else {
				require.Equal(t, c.number, item.Snapshot().Number)
				require.False(t, item.NeedsNumber())
			}
		})
	}
}

func TestWhatAnItemKeeps(t *testing.T) {
	east := time.FixedZone("east", 3600)
	item := catalog.Unknown("x")
	require.NoError(t, item.Publish(7, catalog.Details{
		Tags: []string{"b", "a", "b", "a", "c"}, Labels: []string{"l", "l"}, Duration: time.Second + 999*time.Microsecond,
		PublishedAt: noon.Add(time.Millisecond - 1).In(east), ExpiresAt: noon.Add(2*time.Millisecond - 1).In(east), Payload: []byte{},
	}, noon.Add(5*time.Millisecond-1).In(east)))

	require.Equal(t, catalog.Snapshot{
		ID: "x", Number: 7, State: catalog.Published, Version: 1, ChangedAt: noon.Add(4 * time.Millisecond),
		Details: catalog.Details{
			Tags: []string{"b", "a", "c"}, Labels: []string{"l"}, Duration: time.Second,
			PublishedAt: noon, ExpiresAt: noon.Add(time.Millisecond),
		},
	}, item.Snapshot(), "repeats dropped, times in UTC and cut to milliseconds, nothing instead of an empty payload")
}

func TestTheTimeOfPublication(t *testing.T) {
	later := noon.Add(time.Hour)
	moment := noon.Add(-24 * time.Hour)

	item := catalog.Unknown("x")
	require.NoError(t, item.Publish(7, catalog.Details{}, noon))
	require.Equal(t, noon, item.Snapshot().Details.PublishedAt, "unsaid, it is now")

	require.NoError(t, item.Publish(0, catalog.Details{Title: "t"}, later))
	require.Equal(t, noon, item.Snapshot().Details.PublishedAt, "unsaid when the item is replaced, it stays")

	require.NoError(t, item.Publish(0, catalog.Details{PublishedAt: moment}, later))
	require.Equal(t, moment, item.Snapshot().Details.PublishedAt, "said, it is that")

	require.NoError(t, item.Remove(later))
	require.NoError(t, item.Publish(0, catalog.Details{}, later))
	require.Equal(t, later, item.Snapshot().Details.PublishedAt, "unsaid when the item comes back, it is now")
}

func TestExpiryIsCheckedAgainstTheTimeThatIsKept(t *testing.T) {
	for _, c := range []struct {
		name    string
		expires time.Time
		want    error
	}{
		{"one millisecond after now", noon.Add(time.Millisecond), nil},
		{"less than that after now", noon.Add(time.Millisecond - 1), catalog.ErrExpiry},
		{"now", noon, catalog.ErrExpiry},
		{"before now", noon.Add(-time.Hour), catalog.ErrExpiry},
		{"never", time.Time{}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			refused(t, catalog.Unknown("x").Publish(7, catalog.Details{ExpiresAt: c.expires}, noon), c.want, "expires_at")
		})
	}
}

func TestAnItemIsLive(t *testing.T) {
	expiring := catalog.Details{ExpiresAt: noon}
	for _, c := range []struct {
		name string
		item catalog.Snapshot
		now  time.Time
		want bool
	}{
		{"to the last moment before it expires", catalog.Snapshot{State: catalog.Published, Details: expiring}, noon.Add(-1), true},
		{"and no more when it expires", catalog.Snapshot{State: catalog.Published, Details: expiring}, noon, false},
		{"for ever without an expiry", catalog.Snapshot{State: catalog.Published}, catalog.Latest, true},
		{"even before its time of publication", catalog.Snapshot{State: catalog.Published, Details: catalog.Details{PublishedAt: noon}}, noon.Add(-1), true},
		{"not when never published", catalog.Snapshot{State: catalog.Unpublished}, noon, false},
		{"not when hidden", catalog.Snapshot{State: catalog.Hidden}, noon, false},
		{"not when removed", catalog.Snapshot{State: catalog.Removed}, noon, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, c.item.Live(c.now))
		})
	}
}

func TestARemovedItemComesBackUnderItsNumber(t *testing.T) {
	item := published(t, full())
	require.NoError(t, item.Remove(noon))
	require.False(t, item.Exists())
	require.False(t, item.NeedsNumber())
	for name, command := range commands(item) {
		require.ErrorIs(t, command(), catalog.ErrItemNotFound, name)
		require.True(t, fault.Is(command(), fault.NotFound), name)
	}

	require.NoError(t, item.Publish(8, full(), noon))
	s := item.Snapshot()
	require.Equal(t, catalog.Published, s.State)
	require.Equal(t, catalog.Number(7), s.Number, "the new number is not used")
	require.Equal(t, uint64(3), s.Version)
	require.True(t, item.Facts()[2].Created, "clients did not know it any more")
}

func TestNothingButPublicationStartsAnItem(t *testing.T) {
	item := catalog.Unknown("x")
	for name, command := range commands(item) {
		require.ErrorIs(t, command(), catalog.ErrItemNotFound, name)
	}
	require.Equal(t, catalog.Snapshot{ID: "x"}, item.Snapshot())
}

func commands(item *catalog.FeedItem) map[string]func() error {
	return map[string]func() error{
		"amend":   func() error { return item.Amend(catalog.Patch{}, noon) },
		"hide":    func() error { return item.Hide(noon) },
		"restore": func() error { return item.Restore(noon) },
		"remove":  func() error { return item.Remove(noon) },
	}
}
