package redisstore_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/infrastructure/snowflake"
	"github.com/freshet/freshet/test/servers"
)

// shapes are ids that clients give, and what an active viewer of such items may take in Redis beside live sessions.
var shapes = []struct {
	name string
	id   func(r *rand.Rand) catalog.ItemID
	most int64 // bytes
}{
	{"numbers", number, 4096},
	{"20 digits and small letters", func(r *rand.Rand) catalog.ItemID { return randomID(r, 32) }, 5120},
	{"numbers and 20 letters mixed", func(r *rand.Rand) catalog.ItemID {
		if r.IntN(2) == 0 {
			return number(r)
		}
		return randomID(r, 64)
	}, 4608},
}

// itemNumber is what an item gets that was published by one of four instances in the last ninety days.
func itemNumber(r *rand.Rand) catalog.Number {
	since := time.Since(snowflake.JSON.Epoch) - time.Duration(r.Int64N(int64(90*24*time.Hour)))
	return catalog.Number(int64(since/time.Second)<<23 | r.Int64N(4)<<15 | r.Int64N(64))
}

func number(r *rand.Rand) catalog.ItemID { return catalog.ItemID(fmt.Sprint(1 + r.IntN(3952))) }

func randomID(r *rand.Rand, kinds int) catalog.ItemID {
	const letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
	id := make([]byte, 20)
	for i := range id {
		id[i] = letters[r.IntN(kinds)]
	}
	return catalog.ItemID(id)
}

// An active viewer came back twelve times in four days and did 106 things, two of three on items of a feed's session: half of them
// plays, the rest likes and openings. Five pages were served within the last day.
const (
	visits    = 12
	acts      = 106
	betweens  = 8 * time.Hour
	pagesADay = 5
)

// live lets the viewer live, through the stores as the service does: known first, then noted event by event.
func live(t testing.TB, c *redisstore.Client, viewer audience.ViewerID, id func(*rand.Rand) catalog.ItemID, r *rand.Rand) {
	sessions, remembrance := redisstore.NewSessions(c), redisstore.NewRemembrance(c)
	began := time.Now().UTC().Add(-visits * betweens)
	v := audience.NewViewer(viewer,
		[]audience.Tie{{Relation: audience.Follows, Author: "author-12", At: began}, {Relation: audience.Follows, Author: "author-7", At: began}, {Relation: audience.Mutes, Author: "author-99", At: began}},
		[]audience.Decision{{Target: audience.Target{Kind: audience.OnTag, ID: "comedy"}, Direction: audience.More, At: began}})
	version, err := remembrance.Version(t.Context(), viewer)
	require.NoError(t, err)
	require.NoError(t, remembrance.Restore(t.Context(), viewer, version, audience.Knowledge{Viewer: v}))

	at, visit := began, 0
	for i := range acts {
		if i*visits/acts > visit {
			visit++
			at = began.Add(time.Duration(visit) * betweens)
		}
		at = at.Add(time.Duration(2000+r.IntN(90_000)) * time.Millisecond)
		a := audience.Action{Item: id(r), Act: []audience.Act{audience.PlayProgress, audience.Like, audience.PlayComplete, audience.Open}[i%4], At: at}
		if i%2 == 0 {
			a.Watched, a.Duration = time.Duration(1000+r.IntN(60_000))*time.Millisecond, time.Duration(20+r.IntN(300))*time.Second
		}
		if i%3 > 0 {
			a.Session = fmt.Sprintf("1kq3v9x%02d7zt", visit)
		}
		n := audience.Note{Viewer: viewer, Action: &a, Seen: []audience.Mark{{Item: itemNumber(r), At: at}}}
		if a.Act != audience.Open {
			n.Consumed = n.Seen
		}
		require.NoError(t, remembrance.Note(t.Context(), []audience.Note{n}))
	}
	for i := range pagesADay {
		served := aVisit(viewer)
		served.ID = feed.SessionID(fmt.Sprint(i))
		s := feed.Begin(served)
		page := aPage(1, 20)
		for j := range page.Items {
			page.Items[j].Number = itemNumber(r)
		}
		_, err := s.Serve(1, page, time.Now().Add(time.Duration(i-pagesADay)*time.Hour))
		require.NoError(t, err)
		require.NoError(t, sessions.Commit(t.Context(), s))
	}
	k, known, err := remembrance.Recall(t.Context(), viewer)
	require.NoError(t, err)
	require.True(t, known)
	require.GreaterOrEqual(t, len(k.Actions), acts-2) // two may be one
	require.GreaterOrEqual(t, len(k.Memory.Seen), acts-2)
	require.Len(t, k.Memory.Served, 20*pagesADay)
}

// ofSessions are the keys of live sessions.
func ofSessions(key string) bool {
	for _, kind := range []string{":session:", ":items:", ":sessions:"} {
		if strings.Contains(key, kind) {
			return true
		}
	}
	return false
}

func TestWhatAnActiveViewerTakesInRedis(t *testing.T) {
	c, err := redisstore.Open(patient(redisstore.Options{Addrs: []string{servers.StartRedis(t).Addr()}})) // with keys as long as they are
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	const viewers = 20
	for _, shape := range shapes {
		t.Run(shape.name, func(t *testing.T) {
			total, most := int64(0), int64(0)
			for i := range viewers {
				viewer := audience.ViewerID(fmt.Sprintf("viewer-%06d", i))
				live(t, c, viewer, shape.id, rand.New(rand.NewPCG(1, uint64(i))))
				keys, err := c.KeysOf(t.Context(), viewer)
				require.NoError(t, err)
				bytes := int64(0)
				for _, key := range keys {
					if ofSessions(key) {
						continue
					}
					n, err := c.Do(t.Context(), "MEMORY", "USAGE", key, "SAMPLES", 0).Int64()
					require.NoError(t, err)
					if i == 0 {
						t.Logf("%s: %d", key, n)
					}
					bytes += n
				}
				total, most = total+bytes, max(most, bytes)
			}
			t.Logf("%d bytes a viewer, at most %d", total/viewers, most)
			require.LessOrEqual(t, most, shape.most)
			require.NoError(t, c.Do(t.Context(), "FLUSHALL").Err())
		})
	}
}
