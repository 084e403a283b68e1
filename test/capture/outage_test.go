package capture

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/capturing"
)

func TestAServerThatHangsHoldsNothingForEver(t *testing.T) {
	t.Parallel() // it mostly waits
	f, server := onOwnServer(t)
	a := f.instance().run(true)
	a.awaitReading()
	put(t, a, "x", "first")
	eventually(t, "x", "first", a)
	failing := func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.failed["capture"] != ""
	}
	server.Pause()
	require.Eventually(t, failing, patience, 10*time.Millisecond)
	server.Resume()
	f.sql("UPDATE items SET details = ? WHERE id = 'x'", details("after that"))
	eventually(t, "x", "after that", a)
	require.NoError(t, a.jobs.Stop(ctx))

	at, err := a.log.Newest(ctx)
	require.NoError(t, err)
	tail, err := a.log.Open(ctx, at)
	require.NoError(t, err)
	server.Pause()
	began := time.Now()
	tail.Close()
	require.Less(t, time.Since(began), 3*time.Second, "nor the end")
	server.Resume()
}

func TestAReaderWithTheIdOfAnotherReadsAllTheSame(t *testing.T) {
	f := lent(t)
	a := f.instance()
	at, err := a.log.Newest(ctx)
	require.NoError(t, err)
	first, err := a.log.Open(ctx, at)
	require.NoError(t, err)
	defer first.Close()
	_, err = first.Next(ctx, 100*time.Millisecond)
	require.NoError(t, err)
	second, err := a.log.Open(ctx, at)
	require.NoError(t, err)
	defer second.Close()
	put(t, a, "x", "first")
	told := func(by capturing.Tail, until func(err error) bool) {
		t.Helper()
		told := 0
		require.Eventually(t, func() bool {
			b, err := by.Next(ctx, 100*time.Millisecond)
			told += len(b.Told)
			return told == 1 || until(err)
		}, patience, time.Millisecond)
	}
	told(second, func(error) bool { return false })
	told(first, func(err error) bool {
		require.NotErrorIs(t, err, capturing.ErrGone, "to be cut off is no reason to look at everything")
		return err != nil // MariaDB ends the first one's connection, MySQL leaves it
	})
}
