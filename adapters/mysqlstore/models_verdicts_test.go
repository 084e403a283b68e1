package mysqlstore_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

func TestAWithheldModelIsKeptAndNotPutInForce(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		a, b := open(t)
		models, others := mysqlstore.NewModels(a), mysqlstore.NewModels(b)
		keep := func(why string) (uint64, training.Verdict) {
			v := training.Verdict{Withheld: why, Floor: 0.25, Against: 7, Compared: 12, Its: 0.5, Theirs: 1.0 / 3}
			version, err := models.Keep(t.Context(), wide(3), wideTraining(), v)
			require.NoError(t, err)
			return version, v
		}
		inForce := func(want uint64) {
			t.Helper()
			active, err := others.Active(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, active)
		}
		keep("it is the first, and bad")
		inForce(0)
		good, goodVerdict := keep("")
		inForce(good)
		want := map[uint64]training.Verdict{good: goodVerdict}
		for n := range recommend.KeptModels + 1 {
			bad, v := keep(fmt.Sprint("bad ", n))
			inForce(good)
			if n > 0 {
				want[bad] = v
			}
		}
		verdicts, err := others.Verdicts(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, verdicts, "of kept models and of no others")
		_, _, err = others.Load(t.Context(), good)
		require.NoError(t, err, "what is in force is not pushed out")

		kept, err := others.List(t.Context())
		require.NoError(t, err)
		require.NoError(t, others.Activate(t.Context(), kept[0].Version))
		inForce(kept[0].Version)
		saved, err := models.Save(t.Context(), wide(3), wideTraining())
		require.NoError(t, err)
		inForce(saved)
		verdicts, err = others.Verdicts(t.Context())
		require.NoError(t, err)
		require.NotContains(t, verdicts, saved)
	})
}

func TestWhichItemsAreRemoved(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		db, _ := open(t)
		items := mysqlstore.NewItems(db, numbersOf(t, db))
		var ids []catalog.ItemID
		for n := range 1500 { // more than are asked of in one statement
			ids = append(ids, catalog.ItemID(fmt.Sprint("i", n)))
		}
		for some := range slices.Chunk(ids, 500) {
			outcomes, err := items.Update(t.Context(), some, func(item *catalog.FeedItem, number func() (catalog.Number, error)) error {
				n, err := number()
				if err != nil {
					return err
				}
				if err := item.Publish(n, catalog.Details{}, dawn); err != nil {
					return err
				}
				switch item.ID() {
				case "i7", "i1400":
					return item.Remove(dawn.Add(time.Second))
				case "i8":
					return item.Hide(dawn.Add(time.Second))
				}
				return nil
			})
			require.NoError(t, err)
			for _, err := range outcomes {
				require.NoError(t, err)
			}
		}
		removed, err := items.Removed(t.Context(), append([]catalog.ItemID{"never published"}, ids...))
		require.NoError(t, err)
		for i, gone := range removed[1:] {
			require.Equal(t, i == 7 || i == 1400, gone, i)
		}
		require.False(t, removed[0])
		removed, err = items.Removed(t.Context(), nil)
		require.NoError(t, err)
		require.Empty(t, removed)
	})
}
