package redisstore_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/test/servers"
)

// BenchmarkReports is what reported events cost here and in Redis: of a hundred viewers nobody has asked for a page, of a hundred who
// have lately, and of one who has all that is remembered, after a page of twenty of which every third item was looked at.
func BenchmarkReports(b *testing.B) {
	server := servers.StartRedis(b)
	opts := patient(redisstore.Options{Addrs: []string{server.Addr()}})
	info := redis.NewClient(&redis.Options{Addr: server.Addr()})
	b.Cleanup(func() { require.NoError(b, info.Close()) })
	r := rand.New(rand.NewPCG(1, 2))

	many := func(held bool) func(b *testing.B) {
		return func(b *testing.B) {
			c := connect(b, opts)
			remembrance, at := redisstore.NewRemembrance(c), time.Now().UTC().Truncate(time.Second)
			name := func(i int) audience.ViewerID { return audience.ViewerID(fmt.Sprint("viewer-", i)) }
			if held {
				for i := range 1000 {
					hold(b, remembrance, audience.Knowledge{Viewer: audience.NewViewer(name(i), nil, nil)})
				}
			}
			notes, done := make([]audience.Note, 100), 0
			perEvent(b, info, len(notes), func() {
				for i := range notes {
					done++
					notes[i] = did(name(done%1000), itemNumber(r), audience.Like, at.Add(time.Duration(done)*time.Millisecond), "")
				}
				require.NoError(b, remembrance.Note(b.Context(), notes))
			})
		}
	}
	b.Run("of viewers not held", many(false))
	b.Run("of viewers held", many(true))
	b.Run("after a page", func(b *testing.B) {
		c := connect(b, opts)
		remembrance, at := redisstore.NewRemembrance(c), time.Now().UTC().Truncate(time.Second)
		k := audience.Knowledge{Viewer: audience.NewViewer("v", nil, nil)}
		for i := range audience.MaxSeen {
			n, t := itemNumber(r), at.Add(time.Duration(i-audience.MaxSeen)*time.Minute)
			k.Memory.Seen = append(k.Memory.Seen, audience.Mark{Item: n, At: t})
			if i >= audience.MaxSeen-audience.MaxActions {
				k.Actions = append(k.Actions, *did("v", n, audience.Seen, t, fmt.Sprint("session-", i/40)).Action)
			}
		}
		hold(b, remembrance, k)
		page, events := 0, 0
		perEvent(b, info, 33, func() {
			page++
			at = at.Add(time.Minute)
			var notes []audience.Note
			for i := range 20 {
				n := itemNumber(r)
				session := fmt.Sprint("session-of-a-day-", page/5)
				notes = append(notes, did("v", n, audience.Seen, at.Add(time.Duration(i)*time.Second), session))
				if i%3 == 0 {
					notes = append(notes, did("v", n, audience.PlayProgress, at.Add(time.Duration(i)*time.Second), session))
				}
				if i%3 == 1 && i < 18 {
					notes = append(notes, did("v", n, audience.Like, at.Add(time.Duration(i+1)*time.Second), session))
				}
			}
			events = len(notes)
			require.NoError(b, remembrance.Note(b.Context(), notes))
		})
		require.Equal(b, 33, events)
	})
}

func did(viewer audience.ViewerID, item catalog.Number, act audience.Act, at time.Time, session string) audience.Note {
	marks := []audience.Mark{{Item: item, At: at}}
	a := audience.Action{Item: catalog.ItemID(fmt.Sprintf("item-%08d", item%100_000)), Act: act, At: at, Session: session}
	n := audience.Note{Viewer: viewer, Action: &a, Seen: marks}
	if act == audience.Like {
		n.Consumed = marks
	}
	if act == audience.PlayProgress {
		a.Watched, a.Duration = 20*time.Second, time.Minute
	}
	return n
}

func hold(b *testing.B, r *redisstore.Remembrance, k audience.Knowledge) {
	version, err := r.Version(b.Context(), k.Viewer.ID())
	require.NoError(b, err)
	require.NoError(b, r.Restore(b.Context(), k.Viewer.ID(), version, k))
}

// perEvent measures do, which notes so many events.
func perEvent(b *testing.B, info *redis.Client, events int, do func()) {
	do()
	used := func() (sum float64) {
		text := info.Info(b.Context(), "cpu").Val()
		for line := range strings.Lines(text) {
			if name, value, _ := strings.Cut(strings.TrimSpace(line), ":"); name == "used_cpu_sys_main_thread" || name == "used_cpu_user_main_thread" {
				s, err := strconv.ParseFloat(value, 64)
				require.NoError(b, err)
				sum += s
			}
		}
		return sum
	}
	b.ReportAllocs()
	before := used()
	for b.Loop() {
		do()
	}
	b.ReportMetric((used()-before)*1e6/float64(b.N*events), "redis-µs/event")
}
