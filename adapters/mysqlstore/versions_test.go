package mysqlstore_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/indexing"
	"github.com/freshet/freshet/domain/catalog"
)

var _ indexing.Versions = (*mysqlstore.Items)(nil)

func TestVersionsAreThoseOfAScanPageByPage(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		a, b := open(t)
		items := mysqlstore.NewItems(a, numbersOf(t, a))
		now := time.UnixMilli(1_767_225_600_123).UTC()
		for n, id := range []catalog.ItemID{"a", "b", "c", "a", "b"} {
			_, err := items.Update(t.Context(), []catalog.ItemID{id}, func(item *catalog.FeedItem, fresh func() (catalog.Number, error)) error {
				if n == 4 {
					return item.Remove(now)
				}
				var number catalog.Number
				if item.NeedsNumber() {
					number, _ = fresh()
				}
				return item.Publish(number, catalog.Details{Title: string(rune('0' + n))}, now)
			})
			require.NoError(t, err)
		}
		whole, err := items.Scan(t.Context(), time.Time{}, 0, 10)
		require.NoError(t, err)
		require.Len(t, whole, 3)
		want := make([]indexing.Version, len(whole))
		for i, s := range whole {
			want[i] = indexing.Version{ID: s.ID, Number: s.Number, Version: s.Version, Changed: s.ChangedAt.UnixMilli()}
		}
		other := mysqlstore.NewItems(b, nil)
		first, err := other.Versions(t.Context(), 0, 2, nil)
		require.NoError(t, err)
		require.Equal(t, want[:2], first)
		rest, err := other.Versions(t.Context(), first[1].Number, 2, first[:1])
		require.NoError(t, err)
		require.Equal(t, []indexing.Version{want[0], want[2]}, rest)
		none, err := other.Versions(t.Context(), want[2].Number, 2, nil)
		require.NoError(t, err)
		require.Empty(t, none)
	})
}
