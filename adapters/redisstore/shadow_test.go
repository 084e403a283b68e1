package redisstore_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/audience/audiencetest"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/feed/feedtest"
)

const aYear = 365 * 24 * time.Hour // longer than all that the contracts remember

func shadow(t *testing.T, opts redisstore.Options) *redisstore.Client {
	return connect(t, opts).Shadow(aYear).Client
}

func TestSessionsOfShadowTraffic(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		feedtest.Sessions(t, func(t *testing.T) feedtest.Stores {
			c := shadow(t, opts)
			return feedtest.Stores{Sessions: redisstore.NewSessions(c), Remembrance: redisstore.NewRemembrance(c), Exposures: redisstore.NewExposures(c)}
		})
	})
}

func TestRemembranceOfShadowTraffic(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		audiencetest.Remembrance(t, func(t *testing.T) audience.Remembrance { return redisstore.NewRemembrance(shadow(t, opts)) })
	})
}

// visit serves a page and remembers what the viewer did, as one of the two does.
func visit(t *testing.T, c *redisstore.Client, viewer audience.ViewerID) {
	t.Helper()
	now := time.Now()
	v := feed.Visit{ID: "s", Viewer: viewer, Feed: "f", Definition: "f", StartedAt: now, ExpiresAt: now.Add(time.Hour)}
	session := feed.Begin(v)
	page := feed.Page{Want: 1, Items: []feed.Placement{{Item: "i", Number: 7}}}
	_, err := session.Serve(1, page, now)
	require.NoError(t, err)
	remembrance := redisstore.NewRemembrance(c)
	version, err := remembrance.Version(t.Context(), viewer)
	require.NoError(t, err)
	require.NoError(t, remembrance.Restore(t.Context(), viewer, version, audience.Knowledge{Viewer: audience.NewViewer(viewer, nil, nil)}))
	require.NoError(t, redisstore.NewSessions(c).Commit(t.Context(), session))
	_, err = redisstore.NewBookmarks(c).Mark(t.Context(), string(viewer), 1, "cursor", now.Add(time.Hour))
	require.NoError(t, err)
}

func TestShadowTrafficIsKeptApartAndCleared(t *testing.T) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		apart, prefix := c.Shadow(time.Minute), c.Prefix()
		visit(t, c, "v")
		visit(t, c, "w*[?]")
		before := dump(t, c, prefix)
		visit(t, apart.Client, "v")
		visit(t, apart.Client, "x")

		after := dump(t, c, prefix)
		kept := 0
		for key, left := range after {
			if !strings.HasPrefix(key, prefix+"shadow:") {
				require.Contains(t, before, key)
				continue
			}
			kept++
			kind := strings.SplitN(strings.TrimPrefix(key, prefix+"shadow:"), ":", 3)[1]
			if slices.Contains([]string{"will.2", "past.2", "served.2"}, kind) {
				require.LessOrEqual(t, left, time.Minute, key)
			}
			if kind != "exposures" {
				require.Positive(t, left, "%s ends by itself", key)
			}
		}
		require.Len(t, after, len(before)+kept)

		removed, err := apart.Clear(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, kept, removed)
		require.ElementsMatch(t, keysIn(before), keysIn(dump(t, c, prefix)))
		removed, err = apart.Clear(t.Context())
		require.NoError(t, err)
		require.Zero(t, removed)
	})
}

// A prefix may hold what patterns read otherwise.
func TestClearingLeavesKeysThatOnlyLookAlike(t *testing.T) {
	opts := embedded(t)
	opts.Prefix = "a[bc]*:"
	c, err := redisstore.Open(opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	opts.Prefix = "ab:"
	other, err := redisstore.Open(opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, other.Close()) })
	visit(t, c.Shadow(time.Hour).Client, "v")
	visit(t, other.Shadow(time.Hour).Client, "v")
	removed, err := c.Shadow(time.Hour).Clear(t.Context())
	require.NoError(t, err)
	require.Positive(t, removed)
	require.NotEmpty(t, dump(t, other, "ab:shadow:"))
	require.Empty(t, dump(t, c, "a[bc]*:"))
}

// dump is all keys that begin so, and how long each has left; -1: for ever.
func dump(t *testing.T, c *redisstore.Client, prefix string) map[string]time.Duration {
	t.Helper()
	all := make(map[string]time.Duration)
	require.NoError(t, c.EachKey(t.Context(), func(key string, left time.Duration) {
		if strings.HasPrefix(key, prefix) {
			all[key] = left
		}
	}))
	return all
}

func keysIn(all map[string]time.Duration) (keys []string) {
	for key := range all {
		keys = append(keys, key)
	}
	return keys
}
