package feedtest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/feed"
)

// Bookmarks is the contract of feed.Bookmarks. open gives a store that may hold what others put there.
func Bookmarks(t *testing.T, open func(t *testing.T) feed.Bookmarks) {
	for name, clause := range map[string]func(*testing.T, feed.Bookmarks){
		"a cursor is found under its moment":            found,
		"what was never kept is not found":              neverKept,
		"a moment holds the first cursor":               firstStays,
		"of concurrent marks of one moment one is kept": oneMark,
		"owners share no moments":                       ownersApart,
		"a bookmark ends when it expires":               markExpires,
	} {
		t.Run(name, func(t *testing.T) { clause(t, open(t)) })
	}
}

func inAnHour() time.Time { return now().Add(time.Hour) }

func mark(t *testing.T, b feed.Bookmarks, owner string, moment int64, cursor string) bool {
	t.Helper()
	kept, err := b.Mark(t.Context(), owner, moment, cursor, inAnHour())
	require.NoError(t, err)
	return kept
}

func find(t *testing.T, b feed.Bookmarks, owner string, moment int64) string {
	t.Helper()
	cursor, err := b.Find(t.Context(), owner, moment)
	require.NoError(t, err)
	return cursor
}

func found(t *testing.T, b feed.Bookmarks) {
	owner := string(newViewer())
	for _, moment := range []int64{1, 1700000000, 1700000000000, 1<<62 + 1, 0, -5} {
		cursor := fmt.Sprintf("cursor of %d", moment)
		require.True(t, mark(t, b, owner, moment, cursor))
		require.Equal(t, cursor, find(t, b, owner, moment))
	}
	require.Equal(t, "cursor of 1700000000", find(t, b, owner, 1700000000))
}

func neverKept(t *testing.T, b feed.Bookmarks) {
	owner := string(newViewer())
	mark(t, b, owner, 10, "c")
	for _, moment := range []int64{9, 11, 1, 100} {
		_, err := b.Find(t.Context(), owner, moment)
		require.ErrorIs(t, err, feed.ErrSessionNotFound)
	}
}

func firstStays(t *testing.T, b feed.Bookmarks) {
	owner := string(newViewer())
	require.True(t, mark(t, b, owner, 10, "first"))
	require.False(t, mark(t, b, owner, 10, "second"))
	require.Equal(t, "first", find(t, b, owner, 10))
	require.True(t, mark(t, b, owner, 10, "first"), "nothing else is kept there")
	require.True(t, mark(t, b, owner, 9, "second"))
}

func oneMark(t *testing.T, b feed.Bookmarks) {
	owner := string(newViewer())
	var all sync.WaitGroup
	var winner atomic.Pointer[string]
	var wins atomic.Int32
	for i := range 8 {
		all.Go(func() {
			cursor := fmt.Sprintf("cursor %d", i)
			if kept, err := b.Mark(t.Context(), owner, 10, cursor, inAnHour()); err == nil && kept {
				wins.Add(1)
				winner.Store(&cursor)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 1, wins.Load())
	require.Equal(t, *winner.Load(), find(t, b, owner, 10))
}

func ownersApart(t *testing.T, b feed.Bookmarks) {
	one, two := string(newViewer()), string(newViewer())
	require.True(t, mark(t, b, one, 10, "one's"))
	require.True(t, mark(t, b, two, 10, "two's"))
	require.Equal(t, "one's", find(t, b, one, 10))
	require.Equal(t, "two's", find(t, b, two, 10))
}

func markExpires(t *testing.T, b feed.Bookmarks) {
	owner := string(newViewer())
	mark(t, b, owner, 11, "long")
	kept, err := b.Mark(t.Context(), owner, 10, "short", now().Add(500*time.Millisecond))
	require.NoError(t, err)
	require.True(t, kept)
	require.Eventually(t, func() bool {
		_, err := b.Find(t.Context(), owner, 10)
		return err != nil
	}, 5*time.Second, 20*time.Millisecond)
	_, err = b.Find(t.Context(), owner, 10)
	require.ErrorIs(t, err, feed.ErrSessionNotFound)
	require.Equal(t, "long", find(t, b, owner, 11))
	require.True(t, mark(t, b, owner, 10, "another"), "the moment is free again")
}
