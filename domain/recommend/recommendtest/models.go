package recommendtest

import (
	"context"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/recommend"
)

// ModelStore is the contract of recommend.ModelStore. open returns an empty store.
func ModelStore(t *testing.T, open func(t *testing.T) recommend.ModelStore) {
	for name, clause := range map[string]func(*testing.T, recommend.ModelStore){
		"at first there is no model":                            noModel,
		"a model comes back as it was":                          modelComesBack,
		"a big model comes back whole":                          bigModel,
		"the newest model is in force":                          newestInForce,
		"the newest three are kept":                             newestKept,
		"one can go back, and the next model takes over":        goBack,
		"no model can be put in force":                          forceNone,
		"what is not kept cannot be put in force":               forceUnknown,
		"a save that fails shows nothing":                       failedSave,
		"of saves at once each has its version":                 savesAtOnce,
		"a model that is read while others come is whole":       readWhileSaving,
		"a version is not used again, whatever became of it":    versionsGrow,
		"what is said of the version when saving does not bind": versionIsGiven,
	} {
		t.Run(name, func(t *testing.T) { clause(t, open(t)) })
	}
}

// linear makes a model in which rows are whole, sparse and empty in turn; seed tells models apart.
func linear(items, seed int) *recommend.Model {
	ids := make([]catalog.ItemID, items)
	rows := make([]recommend.LinearRow, items)
	for i := range ids {
		ids[i] = catalog.ItemID("item " + itoa(i))
		switch i % 3 {
		case 0:
			rows[i].Weights = make([]float32, items)
			for j := range rows[i].Weights {
				rows[i].Weights[j] = float32(seed) + float32(j)/float32(items)
			}
		case 1:
			for j := i % 5; j < items; j += 1 + j%7 {
				rows[i].To = append(rows[i].To, uint32(j))
				rows[i].Weights = append(rows[i].Weights, -float32(seed*j)/3)
			}
		default:
			rows[i].To, rows[i].Weights = []uint32{}, []float32{}
		}
	}
	return recommend.NewModel(0, ids, rows, nil)
}

func trained(n int) recommend.Training {
	return recommend.Training{
		UpTo: uint64(1000 + n), Events: uint64(900 + n), Viewers: 70 + n, Items: 7, Lambda: 0.5 + float64(n), Tested: 60 + n, HR: 0.25, NDCG: 0.125,
		Took: 1234 * time.Millisecond, At: noon.Add(time.Duration(n) * time.Millisecond),
	}
}

func save(t *testing.T, s recommend.ModelStore, n int) uint64 {
	t.Helper()
	version, err := s.Save(t.Context(), linear(7, n), trained(n))
	require.NoError(t, err)
	return version
}

func inForce(t *testing.T, s recommend.ModelStore) uint64 {
	t.Helper()
	version, err := s.Active(t.Context())
	require.NoError(t, err)
	return version
}

func versions(t *testing.T, s recommend.ModelStore) (all []uint64) {
	t.Helper()
	active := inForce(t, s)
	kept, err := s.List(t.Context())
	require.NoError(t, err)
	for _, k := range kept {
		require.Equal(t, k.Version == active, k.Active)
		all = append(all, k.Version)
	}
	return all
}

func sameModel(t *testing.T, want, got *recommend.Model) {
	t.Helper()
	require.Equal(t, want.Items(), got.Items())
	for i := range want.Items() {
		require.Equal(t, want.Row(i), got.Row(i), i)
	}
	require.Equal(t, want.Recurrent(), got.Recurrent())
}

// recurrent makes a model with a recurrent part; seed tells models apart.
func recurrent(items, seed int) *recommend.Model {
	m := linear(items, seed)
	rows := make([]recommend.LinearRow, items)
	for i := range rows {
		rows[i] = m.Row(i)
	}
	next := recommend.NewRecurrent(recommend.RecurrentShape{Items: items, Dims: 3, Hidden: 2})
	for k, part := range next.Parts() {
		for i := range part {
			part[i] = float32(seed*k) - float32(i)/7
		}
	}
	return recommend.NewModel(0, m.Items(), rows, next)
}

func noModel(t *testing.T, s recommend.ModelStore) {
	require.Zero(t, inForce(t, s))
	require.Empty(t, versions(t, s))
	_, _, err := s.Load(t.Context(), 1)
	require.ErrorIs(t, err, recommend.ErrModelNotFound)
	_, _, err = s.Load(t.Context(), 0)
	require.ErrorIs(t, err, recommend.ErrModelNotFound)
}

func modelComesBack(t *testing.T, s recommend.ModelStore) {
	for n, m := range []*recommend.Model{linear(7, 3), linear(1, 1), recurrent(4, 2), recommend.NewModel(0, []catalog.ItemID{"ü 世界"},
		[]recommend.LinearRow{{To: []uint32{0}, Weights: []float32{math.SmallestNonzeroFloat32}}}, nil)} {
		how := trained(n)
		version, err := s.Save(t.Context(), m, how)
		require.NoError(t, err)
		require.NotZero(t, version)
		got, told, err := s.Load(t.Context(), version)
		require.NoError(t, err)
		sameModel(t, m, got)
		require.Equal(t, version, got.Version())
		how.Version, how.Items = version, len(m.Items())
		require.Equal(t, how, told)
		kept, err := s.List(t.Context())
		require.NoError(t, err)
		require.Equal(t, how, kept[0].Training)
		require.Positive(t, kept[0].Bytes)
	}
}

func bigModel(t *testing.T, s recommend.ModelStore) {
	m := linear(1500, 9) // some 4 MB
	version, err := s.Save(t.Context(), m, trained(1))
	require.NoError(t, err)
	got, _, err := s.Load(t.Context(), version)
	require.NoError(t, err)
	sameModel(t, m, got)
	kept, err := s.List(t.Context())
	require.NoError(t, err)
	require.Greater(t, kept[0].Bytes, int64(3<<20))
}

func newestInForce(t *testing.T, s recommend.ModelStore) {
	for n := range 3 {
		require.Equal(t, save(t, s, n), inForce(t, s))
	}
}

func newestKept(t *testing.T, s recommend.ModelStore) {
	var saved []uint64
	for n := range recommend.KeptModels + 2 {
		saved = append(saved, save(t, s, n))
	}
	require.True(t, slices.IsSorted(saved))
	slices.Reverse(saved)
	require.Equal(t, saved[:recommend.KeptModels], versions(t, s))
	for _, version := range saved[recommend.KeptModels:] {
		_, _, err := s.Load(t.Context(), version)
		require.ErrorIs(t, err, recommend.ErrModelNotFound)
	}
	for n, version := range saved[:recommend.KeptModels] {
		got, _, err := s.Load(t.Context(), version)
		require.NoError(t, err)
		sameModel(t, linear(7, recommend.KeptModels+1-n), got)
	}
}

func goBack(t *testing.T, s recommend.ModelStore) {
	one, two := save(t, s, 1), save(t, s, 2)
	require.NoError(t, s.Activate(t.Context(), one))
	require.Equal(t, one, inForce(t, s))
	require.Equal(t, []uint64{two, one}, versions(t, s))
	require.NoError(t, s.Activate(t.Context(), one), "twice is harmless")
	three := save(t, s, 3)
	require.Equal(t, three, inForce(t, s))
	require.NoError(t, s.Activate(t.Context(), two))
	require.Equal(t, two, inForce(t, s))
}

func forceNone(t *testing.T, s recommend.ModelStore) {
	one := save(t, s, 1)
	require.NoError(t, s.Activate(t.Context(), 0))
	require.Zero(t, inForce(t, s))
	require.Equal(t, []uint64{one}, versions(t, s))
	require.NoError(t, s.Activate(t.Context(), one))
	require.Equal(t, one, inForce(t, s))
}

func forceUnknown(t *testing.T, s recommend.ModelStore) {
	require.ErrorIs(t, s.Activate(t.Context(), 1), recommend.ErrModelNotFound)
	one := save(t, s, 1)
	for _, version := range []uint64{one + 1, math.MaxInt64} {
		require.ErrorIs(t, s.Activate(t.Context(), version), recommend.ErrModelNotFound)
	}
	require.Equal(t, one, inForce(t, s))
}

func failedSave(t *testing.T, s recommend.ModelStore) {
	one := save(t, s, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Save(ctx, linear(7, 2), trained(2))
	require.True(t, fault.Is(err, fault.Unavailable), err)
	require.Equal(t, one, inForce(t, s))
	require.Equal(t, []uint64{one}, versions(t, s))
}

func savesAtOnce(t *testing.T, s recommend.ModelStore) {
	const savers = 4
	saved := make([]uint64, savers)
	var all sync.WaitGroup
	for n := range savers {
		all.Go(func() {
			var err error
			if saved[n], err = s.Save(t.Context(), linear(300, n), trained(n)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	kept := versions(t, s)
	require.Len(t, kept, recommend.KeptModels)
	require.Equal(t, slices.Max(saved), inForce(t, s))
	for n, version := range saved {
		if !slices.Contains(kept, version) {
			continue
		}
		got, _, err := s.Load(t.Context(), version)
		require.NoError(t, err)
		sameModel(t, linear(300, n), got)
	}
	slices.Sort(saved)
	require.Len(t, slices.Compact(saved), savers)
}

func readWhileSaving(t *testing.T, s recommend.ModelStore) {
	save(t, s, 0)
	var readers sync.WaitGroup
	ctx, done := context.WithCancel(t.Context())
	for range 2 {
		readers.Go(func() {
			for ctx.Err() == nil {
				version, err := s.Active(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				m, how, err := s.Load(t.Context(), version)
				if err != nil {
					t.Error(version, err)
					return
				}
				if m.Version() != version || how.Items != len(m.Items()) {
					t.Error("half a model")
				}
			}
		})
	}
	for n := range recommend.KeptModels - 1 { // so that none is pushed out
		_, err := s.Save(t.Context(), linear(400, n), trained(n))
		require.NoError(t, err)
	}
	done()
	readers.Wait()
}

func versionsGrow(t *testing.T, s recommend.ModelStore) {
	seen := map[uint64]bool{}
	for n := range 2 * recommend.KeptModels {
		version := save(t, s, n)
		require.False(t, seen[version])
		seen[version] = true
	}
}

func versionIsGiven(t *testing.T, s recommend.ModelStore) {
	one := save(t, s, 1)
	how := trained(2)
	how.Version = one
	two, err := s.Save(t.Context(), linear(7, 2), how)
	require.NoError(t, err)
	require.NotEqual(t, one, two)
	_, told, err := s.Load(t.Context(), two)
	require.NoError(t, err)
	require.Equal(t, two, told.Version)
}
