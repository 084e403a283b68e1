package catalogtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
)

// Changes is the contract of catalog.Changes. open gives an empty stream.
func Changes(t *testing.T, open func(t *testing.T) catalog.Changes) {
	for name, clause := range map[string]func(*testing.T, catalog.Changes){
		"an empty stream has a position and nothing to follow":    emptyStream,
		"what was published is followed whole and in order":       followedWhole,
		"a position gives only what comes later":                  onlyLater,
		"following goes on where it ended, limit by limit":        limitByLimit,
		"followers do not disturb each other":                     followersApart,
		"following waits for the first change and not longer":     waitsForFirst,
		"following what never comes ends after the wait":          endsAfterWait,
		"publishing nothing is no error":                          publishNothing,
		"a position of an empty stream holds for what comes next": emptyPositionHolds,
		"a position is kept while nothing after it is dropped":    keepsPositions,
		"many changes at once come in order":                      manyChanges,
		"what no follower could read is refused with all of it":   refusedWhole,
	} {
		t.Run(name, func(t *testing.T) { clause(t, open(t)) })
	}
}

func keepsPositions(t *testing.T, s catalog.Changes) {
	keeps := func(at string) bool {
		kept, err := s.Keeps(t.Context(), at)
		require.NoError(t, err)
		return kept
	}
	require.True(t, keeps(position(t, s)), "there was nothing yet")
	push(t, s, changes(1, 3))
	newest := position(t, s)
	require.True(t, keeps(newest))
	push(t, s, changes(4, 3))
	require.True(t, keeps(newest))
	_, between := follow(t, s, newest, 2)
	require.True(t, keeps(between))
}

func change(number int) catalog.Snapshot {
	return catalog.Snapshot{
		ID: catalog.ItemID(fmt.Sprintf("item %d", number)), Number: catalog.Number(number), State: catalog.Published,
		Version: uint64(number), ChangedAt: time.Date(2024, 5, 6, 7, 8, 9, 10e6, time.UTC),
	}
}

func changes(from, count int) []catalog.Snapshot {
	var all []catalog.Snapshot
	for i := range count {
		all = append(all, change(from+i))
	}
	return all
}

func push(t *testing.T, s catalog.Changes, items []catalog.Snapshot) {
	t.Helper()
	require.NoError(t, s.Publish(t.Context(), items))
}

func position(t *testing.T, s catalog.Changes) string {
	t.Helper()
	p, err := s.Position(t.Context())
	require.NoError(t, err)
	return p
}

func follow(t *testing.T, s catalog.Changes, from string, limit int) ([]catalog.Snapshot, string) {
	t.Helper()
	got, to, err := s.Follow(t.Context(), from, limit, 0)
	require.NoError(t, err)
	return got, to
}

func emptyStream(t *testing.T, s catalog.Changes) {
	got, to := follow(t, s, position(t, s), 10)
	require.Empty(t, got)
	got, _ = follow(t, s, to, 10)
	require.Empty(t, got)
}

func followedWhole(t *testing.T, s catalog.Changes) {
	at := time.Date(2024, 5, 6, 7, 8, 9, 10e6, time.UTC)
	want := []catalog.Snapshot{
		{
			ID: "item é", Number: 1<<53 - 1, State: catalog.Hidden, Version: 1<<64 - 1, ChangedAt: at,
			Details: catalog.Details{
				Author: "作者", Title: "a\ttitle", Tags: []string{"b", "a"}, Lang: "en", Region: "DE", Labels: []string{"x"},
				Duration: 1234 * time.Millisecond, PublishedAt: catalog.Earliest, ExpiresAt: at, Payload: []byte(`{"a":"\u0000"}`),
			},
		},
		{ID: "plain", Number: 1, State: catalog.Published, Version: 1, ChangedAt: at, Details: catalog.Details{PublishedAt: at}},
		{ID: "gone", Number: 2, State: catalog.Removed, Version: 3, ChangedAt: at, Details: catalog.Details{PublishedAt: at}},
	}
	from := position(t, s)
	push(t, s, want)
	got, _ := follow(t, s, from, 10)
	require.Equal(t, want, got)
}

func onlyLater(t *testing.T, s catalog.Changes) {
	push(t, s, changes(1, 3))
	from := position(t, s)
	got, _ := follow(t, s, from, 10)
	require.Empty(t, got)
	push(t, s, changes(4, 2))
	got, _ = follow(t, s, from, 10)
	require.Equal(t, changes(4, 2), got)
}

func limitByLimit(t *testing.T, s catalog.Changes) {
	at := position(t, s)
	push(t, s, changes(1, 10))
	var all []catalog.Snapshot
	for {
		got, to := follow(t, s, at, 3)
		require.LessOrEqual(t, len(got), 3)
		if len(got) == 0 {
			require.Equal(t, at, to)
			break
		}
		all, at = append(all, got...), to
	}
	require.Equal(t, changes(1, 10), all)
}

func followersApart(t *testing.T, s catalog.Changes) {
	from := position(t, s)
	push(t, s, changes(1, 4))
	for range 3 {
		got, _ := follow(t, s, from, 10)
		require.Equal(t, changes(1, 4), got)
	}
}

func waitsForFirst(t *testing.T, s catalog.Changes) {
	from := position(t, s)
	published := make(chan error, 1)
	time.AfterFunc(300*time.Millisecond, func() { published <- s.Publish(t.Context(), changes(1, 1)) })
	began := time.Now()
	got, _, err := s.Follow(t.Context(), from, 10, 20*time.Second)
	took := time.Since(began)
	require.NoError(t, err)
	require.NoError(t, <-published)
	require.Equal(t, changes(1, 1), got)
	require.GreaterOrEqual(t, took, 250*time.Millisecond)
	require.Less(t, took, 10*time.Second)
}

func endsAfterWait(t *testing.T, s catalog.Changes) {
	push(t, s, changes(1, 1))
	from := position(t, s)
	began := time.Now()
	got, to, err := s.Follow(t.Context(), from, 10, 300*time.Millisecond)
	require.NoError(t, err)
	require.Empty(t, got)
	require.Equal(t, from, to)
	require.GreaterOrEqual(t, time.Since(began), 290*time.Millisecond)
	require.Less(t, time.Since(began), 10*time.Second)
}

func publishNothing(t *testing.T, s catalog.Changes) {
	from := position(t, s)
	push(t, s, nil)
	require.Equal(t, from, position(t, s))
}

func emptyPositionHolds(t *testing.T, s catalog.Changes) {
	from := position(t, s)
	push(t, s, changes(1, 1))
	got, to := follow(t, s, from, 10)
	require.Equal(t, changes(1, 1), got)
	require.Equal(t, to, position(t, s))
}

func manyChanges(t *testing.T, s catalog.Changes) {
	from := position(t, s)
	push(t, s, changes(1, 2000))
	got, _ := follow(t, s, from, 5000)
	require.Equal(t, changes(1, 2000), got)
}

func refusedWhole(t *testing.T, s catalog.Changes) {
	large, odd := change(2), change(3)
	large.Details.Payload = make([]byte, 2<<20)
	odd.State = catalog.Removed + 1
	for _, bad := range []catalog.Snapshot{large, odd} {
		require.ErrorIs(t, s.Publish(t.Context(), []catalog.Snapshot{change(1), bad, change(4)}), catalog.ErrUndeliverable)
	}
	got, _ := follow(t, s, "", 10)
	require.Empty(t, got)
}
