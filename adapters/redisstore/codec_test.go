package redisstore_test

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/experiment"
	"github.com/freshet/freshet/domain/feed"
)

func fullVisit() feed.Visit {
	v := aVisit("a viewer")
	v.Narrowing = feed.Narrowing{Tag: "t", Lang: "en", Region: "DE", Anchor: "i"}
	v.Assignments = []experiment.Assignment{{Layer: "l", Variant: "v"}}
	return v
}

func fullSnapshot() catalog.Snapshot {
	return catalog.Snapshot{ID: "i", Number: 5, State: catalog.Hidden, Version: 9, ChangedAt: time.UnixMilli(1),
		Details: catalog.Details{Author: "a", Title: "t", Tags: []string{"x", "y"}, Labels: []string{"l"}, Payload: []byte("{}")}}
}

func TestHalfARecordIsRefused(t *testing.T) {
	v, p, s := fullVisit(), aPage(1, 3), fullSnapshot()
	for name, record := range map[string]struct {
		text   string
		decode func(string) bool
	}{
		"visit":    {string(redisstore.AppendVisit(nil, &v)), func(s string) bool { _, ok := redisstore.DecodeVisit(s); return ok }},
		"page":     {string(redisstore.AppendPage(nil, &p)), func(s string) bool { _, ok := redisstore.DecodePage(s); return ok }},
		"snapshot": {string(redisstore.AppendSnapshot(nil, &s)), func(s string) bool { _, ok := redisstore.DecodeSnapshot(s); return ok }},
	} {
		require.True(t, record.decode(record.text), name)
		require.False(t, record.decode(record.text+"\x00"), "%s with more after it", name)
		require.False(t, record.decode("\x7f"+record.text[1:]), "%s of another version", name)
		for n := range record.text {
			require.False(t, record.decode(record.text[:n]), "%d bytes of a %s", n, name)
		}
	}
}

func TestTheZeroTimeComesBackAsTheZeroTime(t *testing.T) {
	v, ok := redisstore.DecodeVisit(string(redisstore.AppendVisit(nil, &feed.Visit{})))
	require.True(t, ok)
	require.Equal(t, feed.Visit{}, v)
	require.True(t, v.ExpiresAt.IsZero())
}

func TestAPageOfTwentyStaysSmall(t *testing.T) {
	p := aPage(1, 20)
	require.Less(t, len(redisstore.AppendPage(nil, &p)), 1000)
}

// FuzzDecode: whatever is read, nothing panics, and what is accepted is written as it was read.
func FuzzDecode(f *testing.F) {
	v, p, s := fullVisit(), aPage(1, 3), fullSnapshot()
	f.Add(redisstore.AppendVisit(nil, &v))
	f.Add(redisstore.AppendPage(nil, &p))
	f.Add(redisstore.AppendSnapshot(nil, &s))
	now := time.Now()
	m := []audience.Mark{{Item: 1, At: now}, {Item: 300, At: now}}
	play := audience.Action{Item: "i", Act: audience.PlayStart, At: now, Session: "s", Watched: time.Second}
	f.Add(redisstore.AppendPast(nil, &audience.Knowledge{Actions: []audience.Action{play}, Memory: audience.Memory{Seen: m, Consumed: m[:1]}}))
	f.Add([]byte("\x01" + strings.Repeat("\xff", 20)))
	f.Add(bytes.Repeat([]byte{0x80}, 12))
	f.Fuzz(func(t *testing.T, raw []byte) {
		text := string(raw)
		if v, ok := redisstore.DecodeVisit(text); ok {
			again, ok := redisstore.DecodeVisit(string(redisstore.AppendVisit(nil, &v)))
			require.True(t, ok)
			require.Equal(t, v, again)
		}
		if p, ok := redisstore.DecodePage(text); ok {
			again, ok := redisstore.DecodePage(string(redisstore.AppendPage(nil, &p)))
			require.True(t, ok)
			for i := range p.Items { // NaN is not equal to itself
				require.Equal(t, math.Float32bits(p.Items[i].Score), math.Float32bits(again.Items[i].Score))
				p.Items[i].Score, again.Items[i].Score = 0, 0
			}
			require.True(t, reflect.DeepEqual(p, again))
		}
		if s, ok := redisstore.DecodeSnapshot(text); ok {
			again, ok := redisstore.DecodeSnapshot(string(redisstore.AppendSnapshot(nil, &s)))
			require.True(t, ok)
			require.Equal(t, s, again)
		}
		_, _ = redisstore.DecodeNumbers(text)
		_, _ = redisstore.DecodeServed(text, 0)
		_, _ = redisstore.DecodePast(text)
	})
}
