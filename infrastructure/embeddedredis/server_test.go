package embeddedredis_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/freshet/freshet/infrastructure/embeddedredis"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, opts embeddedredis.Options) (*embeddedredis.Server, *redis.Client) {
	t.Helper()
	s, err := embeddedredis.Start(opts)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	c := redis.NewClient(&redis.Options{Addr: s.Addr(), MaxRetries: -1})
	t.Cleanup(func() { _ = c.Close() })
	return s, c
}

func TestKeysExpireByThemselves(t *testing.T) {
	_, c := start(t, embeddedredis.Options{Tick: 10 * time.Millisecond})
	ctx := t.Context()
	require.NoError(t, c.Set(ctx, "short", "x", 200*time.Millisecond).Err())
	require.NoError(t, c.Set(ctx, "long", "x", time.Hour).Err())
	require.EqualValues(t, 1, c.Exists(ctx, "short").Val())
	require.Eventually(t, func() bool { return c.Exists(ctx, "short").Val() == 0 }, 5*time.Second, 10*time.Millisecond)
	require.EqualValues(t, 1, c.Exists(ctx, "long").Val())
}

func TestPastTheCapTheKeysThatWouldEndFirstAreDropped(t *testing.T) {
	_, c := start(t, embeddedredis.Options{Tick: 10 * time.Millisecond, MaxKeys: 100})
	ctx := t.Context()
	require.NoError(t, c.Set(ctx, "for ever", "x", 0).Err())
	pipe := c.Pipeline()
	for i := 1; i <= 200; i++ {
		pipe.Set(ctx, fmt.Sprint(i), "x", time.Duration(i)*time.Hour)
	}
	_, err := pipe.Exec(ctx)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return c.DBSize(ctx).Val() <= 100 }, 5*time.Second, 10*time.Millisecond)
	require.EqualValues(t, 2, c.Exists(ctx, "for ever", "200").Val())
	require.Zero(t, c.Exists(ctx, "1").Val())
}

func TestEachServerHasARunID(t *testing.T) {
	_, a := start(t, embeddedredis.Options{})
	_, b := start(t, embeddedredis.Options{})
	one, err := a.Info(t.Context(), "server").Result()
	require.NoError(t, err)
	require.Regexp(t, `(?m)^run_id:[0-9a-f]{40}\r$`, one)
	require.Equal(t, one, a.Info(t.Context(), "server").Val())
	require.NotEqual(t, one, b.Info(t.Context(), "server").Val())
}

func TestXReadGivesWhatComesAfterAPosition(t *testing.T) {
	for _, kind := range []string{"append-only", "with entries deleted"} {
		t.Run(kind, func(t *testing.T) {
			_, c := start(t, embeddedredis.Options{})
			ctx := t.Context()
			var ids []string
			for i := range 10 {
				ids = append(ids, c.XAdd(ctx, &redis.XAddArgs{Stream: "s", MaxLen: 5, Approx: true, Values: []any{"n", i}}).Val())
			}
			if kind != "append-only" {
				require.NoError(t, c.XDel(ctx, "s", ids[7]).Err())
				ids = append(ids[:7], ids[8:]...)
			}
			read := func(after string, count int64, block time.Duration) []string {
				streams, err := c.XRead(ctx, &redis.XReadArgs{Streams: []string{"s", after}, Count: count, Block: block}).Result()
				if errors.Is(err, redis.Nil) {
					return nil
				}
				require.NoError(t, err)
				var got []string
				for _, m := range streams[0].Messages {
					require.NotEmpty(t, m.Values["n"])
					got = append(got, m.ID)
				}
				return got
			}
			require.Equal(t, ids[5:], read("0", 100, -1))
			require.Equal(t, ids[5:7], read("0-0", 2, -1))
			last := ids[len(ids)-1]
			require.Equal(t, []string{last}, read(ids[len(ids)-2], 5, time.Second))
			require.Empty(t, read(last, 5, -1))

			began := time.Now()
			require.Empty(t, read(last, 5, 50*time.Millisecond))
			require.GreaterOrEqual(t, time.Since(began), 50*time.Millisecond)

			time.AfterFunc(50*time.Millisecond, func() {
				c.XAdd(context.Background(), &redis.XAddArgs{Stream: "s", Values: []any{"n", "late"}})
			})
			require.Len(t, read(last, 5, 5*time.Second), 1)
		})
	}
}

func TestCloseEndsABlockedReader(t *testing.T) {
	s, c := start(t, embeddedredis.Options{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.XRead(context.Background(), &redis.XReadArgs{Streams: []string{"none", "0"}, Block: time.Minute})
	}()
	time.Sleep(50 * time.Millisecond)
	s.Close()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("the reader still waits")
	}
	s.Close()
}
