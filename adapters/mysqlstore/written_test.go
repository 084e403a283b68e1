package mysqlstore

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
)

func TestWordsAreWrittenSoThatNothingInThemMeansAnything(t *testing.T) {
	for word, written := range map[string]string{
		"":               "''",
		"item-1 ~!":      "'item-1 ~!'",
		"it's":           "x'69742773'",
		`a\`:             "x'615c'",
		"\x1f":           "x'1f'",
		"\x7f":           "x'7f'",
		"\xff\x00":       "x'ff00'",
		"日":              "x'e697a5'",
		"?, ?); -- {\"}": "'?, ?); -- {\"}'",
	} {
		var w writtenRows
		w.begin(0)
		w.word(word)
		w.end()
		require.Equal(t, "("+written+")", string(w.b))
	}
}

func TestRowsAreWrittenBehindEachOther(t *testing.T) {
	var w writtenRows
	for i := range 2 {
		w.begin(i)
		w.number(int64(-i))
		w.word("a")
		w.end()
	}
	require.Equal(t, "(0,'a'),(-1,'a')", string(w.b))
}

func TestABatchOfEventsIsWrittenInNoAllocation(t *testing.T) {
	events := make([]engagement.Event, 100)
	for i := range events {
		events[i] = engagement.Event{ID: engagement.EventID(fmt.Sprint("event-", i)), Viewer: "viewer", Act: audience.Like, Item: "item", At: time.Now()}
	}
	rows := &bulk{text: new(writtenRows), most: bulkRows}
	write := func() {
		rows.rows, rows.bytes, rows.text.b = 0, 0, rows.text.b[:0]
		for i := range events {
			putEvent(rows, int64(i), &events[i], events[i].At)
		}
	}
	write()
	require.Zero(t, testing.AllocsPerRun(100, write))
	require.Less(t, testing.AllocsPerRun(100, func() { rows.statement() }), 3.0)
}
