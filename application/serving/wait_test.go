package serving

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEachAnswerOfAPageHasATimeOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		of, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
		w := newWait(of, time.Second)
		require.Equal(t, "value", w.Value(key{}))
		cancel()
		time.Sleep(900 * time.Millisecond)
		require.NoError(t, w.Err(), "it goes on without who asked")
		w.pause()
		time.Sleep(time.Hour)
		require.NoError(t, w.Err())
		require.True(t, w.again(time.Second))
		until, ok := w.Deadline()
		require.True(t, ok)
		require.Equal(t, time.Now().Add(time.Second), until)
		time.Sleep(999 * time.Millisecond)
		require.NoError(t, w.Err())
		within, done := context.WithTimeout(w, time.Hour)
		defer done()
		<-w.Done()
		require.Equal(t, time.Now(), until)
		require.ErrorIs(t, w.Err(), context.DeadlineExceeded)
		<-within.Done()
		require.False(t, w.again(time.Second))
		w.end()
		require.ErrorIs(t, w.Err(), context.DeadlineExceeded)
	})
}

func TestTheEndOfAPageIsToldToAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWait(t.Context(), time.Second)
		told := make(chan struct{})
		go func() { <-w.Done(); close(told) }()
		w.end()
		<-told
		require.ErrorIs(t, w.Err(), context.Canceled)
		require.False(t, w.again(time.Second))
	})
}
