package redisstore

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
)

// What the parts of a page in this store may allocate. The memory that is used again is counted where it is taken first.

func aPast(acts, marks int) *audience.Knowledge {
	at := time.Now().UTC().Truncate(time.Second)
	k := &audience.Knowledge{}
	for i := range acts {
		k.Actions = append(k.Actions, audience.Action{
			Item: catalog.ItemID(fmt.Sprintf("video-%014d", i)), Act: audience.Like, At: at.Add(-time.Duration(i) * time.Minute), Session: fmt.Sprint("s", i/10),
		})
	}
	for i := range marks {
		k.Memory.Seen = append(k.Memory.Seen, audience.Mark{Item: catalog.Number(1<<50 + i), At: at.Add(time.Duration(i-marks) * time.Second)})
	}
	return k
}

func TestWhatIsKnownOfAViewerIsReadInOneAllocation(t *testing.T) {
	past := string(appendPast(nil, aPast(audience.MaxActions, 600)))
	served := "\x00\x64" + string(appendServed(nil, make([]catalog.Number, 100), time.Now()))
	look, o := newLook(), Options{}.withDefaults()
	var k audience.Knowledge
	allocs := testing.AllocsPerRun(100, func() {
		if !look.decodePast(past, &k, &o, time.Now()) {
			t.Fatal("unreadable")
		}
		if _, ok := look.decodeServed(served, 0); !ok {
			t.Fatal("unreadable")
		}
	})
	require.Len(t, k.Actions, audience.MaxActions)
	require.Len(t, k.Memory.Seen, 600)
	require.LessOrEqual(t, allocs, 1.0, "the text that names items and sessions")
}

func TestAPageIsWrittenInTwoAllocations(t *testing.T) {
	c := &Client{opts: Options{}.withDefaults()}
	c.roots, c.streams = rootsUnder("fr:")
	v := feed.Visit{ID: "abcdefghijklmnopqrstuvwxyz", Viewer: "viewer", Feed: "for-you", Definition: "for-you", StartedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour)}
	page := feed.Page{Want: 20}
	for i := range page.Want {
		page.Items = append(page.Items, feed.Placement{
			Item: "video", Number: catalog.Number(i + 1), Author: "author", Reason: recommend.Reason{Source: "fresh"}, Sources: []string{"fresh", "trending"},
		})
	}
	session := feed.Begin(v)
	_, err := session.Serve(1, page, time.Now())
	require.NoError(t, err)
	w := newWriting()
	require.True(t, w.fill(c, session, time.Now()))
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { w.fill(c, session, time.Now()) }), 2.0, "the keys")
}

func TestABatchOfNotesIsSentInThreeAllocationsForSixteenViewers(t *testing.T) {
	c := &Client{opts: Options{}.withDefaults()}
	c.roots, c.streams = rootsUnder("fr:")
	notes := make([]audience.Note, 100)
	for i := range notes {
		at := time.Now()
		notes[i] = audience.Note{
			Viewer: audience.ViewerID(fmt.Sprint("viewer-", i)), Seen: []audience.Mark{{Item: catalog.Number(1<<50 + i), At: at}},
			Action: &audience.Action{Item: catalog.ItemID(fmt.Sprintf("video-%014d", i)), Act: audience.Like, At: at, Session: "a-session"},
		}
	}
	n := new(noting)
	write := func() { n.fill(t.Context(), c, n.gather(notes), false) }
	write()
	require.Len(t, n.commands, 7)
	require.LessOrEqual(t, testing.AllocsPerRun(100, write), 21.0)
}
