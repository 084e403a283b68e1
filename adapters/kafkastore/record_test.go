package kafkastore

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

func anEvent(t *rapid.T) engagement.Event {
	text := rapid.StringN(0, 20, 128)
	return engagement.Event{
		ID: engagement.EventID(text.Draw(t, "id")), Viewer: audience.ViewerID(text.Draw(t, "viewer")),
		Item: catalog.ItemID(text.Draw(t, "item")), Author: catalog.AuthorID(text.Draw(t, "author")),
		Act: rapid.SampledFrom(audience.Acts()).Draw(t, "act"), Session: text.Draw(t, "session"), Context: text.Draw(t, "context"),
		At:            time.UnixMilli(rapid.Int64Range(engagement.Oldest.UnixMilli(), 4e12).Draw(t, "at")).UTC(),
		Watched:       time.Duration(rapid.Int64Range(0, engagement.MaxWatch.Milliseconds()).Draw(t, "watched")) * time.Millisecond,
		Duration:      time.Duration(rapid.Int64Range(0, engagement.MaxWatch.Milliseconds()).Draw(t, "duration")) * time.Millisecond,
		AutoPresented: rapid.Bool().Draw(t, "auto"),
	}
}

func TestARecordIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.SliceOfN(rapid.Custom(anEvent), 1, 5).Draw(t, "events")
		received := time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "received")).UTC()
		r, err := decode(encodeEvents(events, received))
		require.NoError(t, err)
		require.Equal(t, &record{received: received, events: events}, r)
		window := rapid.IntRange(1, MaxWindow).Draw(t, "window")
		r, err = decode(encodeBarrier(window))
		require.NoError(t, err)
		require.Equal(t, &record{barrier: true, window: window}, r)
	})
}

func TestARecordThatIsCutShortOrGoesOnIsRefused(t *testing.T) {
	whole := encodeEvents([]engagement.Event{{ID: "e", Viewer: "v", Item: "i", Act: audience.Like, At: engagement.Oldest}}, engagement.Oldest)
	for n := range whole {
		_, err := decode(whole[:n])
		if n < len(magic) {
			require.ErrorIs(t, err, errForeign)
			continue
		}
		require.ErrorIs(t, err, errRecord, n)
	}
	_, err := decode(append(whole, 0))
	require.ErrorIs(t, err, errRecord)
}

func TestARecordOfANewerVersionIsNotPassedOver(t *testing.T) {
	b := encodeBarrier(1)
	b[len(magic)]++
	_, err := decode(b)
	require.ErrorIs(t, err, errRecord)
}

func FuzzDecode(f *testing.F) {
	f.Add(encodeBarrier(7))
	f.Add(encodeEvents([]engagement.Event{{ID: "e", Viewer: "v", Item: "i", Act: audience.Like, Context: "c", At: engagement.Oldest}}, engagement.Oldest))
	f.Add([]byte("something else"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decode(b)
		if err != nil {
			return
		}
		again := encodeBarrier(r.window)
		if !r.barrier {
			again = encodeEvents(r.events, r.received)
		}
		same, err := decode(again)
		require.NoError(t, err)
		require.Equal(t, r, same)
	})
}
