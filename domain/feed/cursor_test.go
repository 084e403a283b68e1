package feed_test

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
)

func cursor(t testing.TB) feed.Cursor {
	s := feed.Begin(visit())
	p, err := s.Serve(1, page(2, 1, 2), noon)
	require.NoError(t, err)
	c, ok := s.Next(p)
	require.True(t, ok)
	return c
}

func TestCursorComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(0, 20, 60)
		items := rapid.SliceOfDistinct(rapid.Uint64Range(1, 1<<53-1), func(n uint64) uint64 { return n }).Filter(func(s []uint64) bool { return len(s) > 0 }).Draw(t, "items")
		seed := rapid.Uint64().Draw(t, "seed")
		numbers := make([]catalog.Number, len(items))
		for i, n := range items {
			numbers[i] = catalog.Number(n)
		}
		c := feed.Cursor{
			Session: feed.SessionID("s" + text.Draw(t, "session")), Page: rapid.IntRange(2, feed.MaxPages+1).Draw(t, "page"),
			Feed: text.Draw(t, "feed"), Definition: text.Draw(t, "definition"), Viewer: rapid.Uint64().Draw(t, "viewer"), Seed: seed,
			Narrowing: feed.Narrowing{Tag: text.Draw(t, "tag"), Lang: text.Draw(t, "lang"), Region: text.Draw(t, "region"), Anchor: catalog.ItemID(text.Draw(t, "anchor"))},
			StartedAt: noon, ExpiresAt: noon.Add(time.Hour), Last: numbers[len(numbers)-1],
			Served: feed.Filter{}.With(seed, numbers),
		}
		sealer := feed.NewSealer([]byte("0123456789abcdef"))
		got, err := sealer.Open(sealer.Seal(c))
		if err != nil {
			t.Fatal(err)
		}
		require.Equal(t, c, *got)
		for _, n := range numbers {
			require.True(t, got.Served.MayHold(seed, n))
		}
	})
}

func TestEveryChangedByteOfACursorIsRefused(t *testing.T) {
	sealer := feed.NewSealer([]byte("0123456789abcdef"))
	text := sealer.Seal(cursor(t))
	raw, err := base64.RawURLEncoding.DecodeString(text)
	require.NoError(t, err)
	for i := range raw {
		for _, bit := range []byte{1, 0x80} {
			bent := append([]byte(nil), raw...)
			bent[i] ^= bit
			_, err := sealer.Open(base64.RawURLEncoding.EncodeToString(bent))
			require.ErrorIs(t, err, feed.ErrCursor, "byte %d", i)
		}
	}
	for _, bad := range []string{"", "x", text[:len(text)-1], text + "A", text + "=", " " + text, text[:9] + "\n" + text[9:], text + "\r\n"} {
		_, err := sealer.Open(bad)
		require.ErrorIs(t, err, feed.ErrCursor, "%q", bad)
	}
	_, err = feed.NewSealer([]byte("fedcba9876543210")).Open(text)
	require.ErrorIs(t, err, feed.ErrCursor, "another service's key")
}

func TestCursorsOfShadowTrafficAreForShadowTraffic(t *testing.T) {
	real := feed.NewSealer([]byte("0123456789abcdef"))
	shadow := real.Shadow()
	c := cursor(t)
	got, err := shadow.Open(shadow.Seal(c))
	require.NoError(t, err)
	require.Equal(t, c.Session, got.Session)
	for _, crossed := range []func() (*feed.Cursor, error){
		func() (*feed.Cursor, error) { return real.Open(shadow.Seal(c)) },
		func() (*feed.Cursor, error) { return shadow.Open(real.Seal(c)) },
	} {
		_, err := crossed()
		require.ErrorIs(t, err, feed.ErrOtherSide)
	}
	_, err = feed.NewSealer([]byte("fedcba9876543210")).Shadow().Open(shadow.Seal(c))
	require.ErrorIs(t, err, feed.ErrCursor, "another service's key")
}

func TestCursorAdmits(t *testing.T) {
	ends := noon.Add(feed.DefaultLife)
	for _, c := range []struct {
		name   string
		viewer audience.ViewerID
		feed   string
		narrow feed.Narrowing
		at     time.Time
		want   error
	}{
		{"its own viewer", "v", "for-you", feed.Narrowing{}, noon, nil},
		{"the last moment", "v", "for-you", feed.Narrowing{}, ends.Add(-1), nil},
		{"nobody once expired", "v", "for-you", feed.Narrowing{}, ends, feed.ErrExpired},
		{"no other viewer", "w", "for-you", feed.Narrowing{}, noon, feed.ErrNotYours},
		{"no other feed", "v", "latest", feed.Narrowing{}, noon, feed.ErrOtherFeed},
		{"no other anchor", "v", "for-you", feed.Narrowing{Anchor: "x"}, noon, feed.ErrOtherFeed},
		{"no other tag", "v", "for-you", feed.Narrowing{Tag: "x"}, noon, feed.ErrNarrowing},
		{"no other language", "v", "for-you", feed.Narrowing{Lang: "x"}, noon, feed.ErrNarrowing},
		{"no other region", "v", "for-you", feed.Narrowing{Region: "x"}, noon, feed.ErrNarrowing},
	} {
		t.Run(c.name, func(t *testing.T) {
			cur := cursor(t)
			require.ErrorIs(t, cur.Admit(c.viewer, c.feed, c.narrow, c.at), c.want)
		})
	}
}

func TestFilterSize(t *testing.T) {
	numbers := make([]catalog.Number, 1000)
	for i := range numbers {
		numbers[i] = catalog.Number(i + 1)
	}
	coded := feed.Filter{}.With(7, numbers).AppendTo(nil)
	require.Less(t, len(coded), 1800, "about 14 bits an item at 1,000 items")
}

func FuzzOpenCursor(f *testing.F) {
	sealer := feed.NewSealer([]byte("0123456789abcdef"))
	f.Add(sealer.Seal(cursor(f)))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := sealer.Open(text)
		if err == nil {
			require.Equal(t, text, sealer.Seal(*c), "what opens was sealed here")
		}
	})
}
