package engagementtest

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

// Log runs the contract of engagement.EventLog; open gives an empty one.
func Log(t *testing.T, open func(t *testing.T) engagement.EventLog) {
	for name, clause := range map[string]func(*testing.T, engagement.EventLog){
		"an event comes back as it was appended":             eventComesBack,
		"an empty log has no head and nothing to read":       emptyLog,
		"offsets are dense from one, in order":               denseOffsets,
		"a repeated id changes nothing, in a batch or later": repeatedIDs,
		"a batch that is nothing new leaves no gap":          nothingNewNoGap,
		"known tells which ids are in the log":               knownIDs,
		"ids that look alike are different events":           alikeEvents,
		"reading goes on where it stopped":                   readingGoesOn,
		"ten thousand events are appended at once":           tenThousand,
		"ids known late in a long batch are not new":         knownLate,
		"colliding appenders leave no gap and lose nothing":  collidingAppenders,
		"a reader never sees a gap that fills later":         noGapFillsLater,
		"one id appended by many is new to one":              oneIDOfMany,
		"with an ended context nothing is appended":          endedAppend,
	} {
		t.Run(name, func(t *testing.T) { clause(t, open(t)) })
	}
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func like(id, viewer, item string) engagement.Event { return act(id, viewer, item, audience.Like) }

func act(id, viewer, item string, a audience.Act) engagement.Event {
	return engagement.Event{ID: engagement.EventID(id), Viewer: audience.ViewerID(viewer), Act: a, Item: catalog.ItemID(item), At: noon}
}

func eventComesBack(t *testing.T, log engagement.EventLog) {
	e := engagement.Event{
		ID: "ε😀", Viewer: "viewer é ", Act: audience.PlayProgress, Item: "item 河", Author: "author", At: noon.Add(-7 * time.Millisecond),
		Session: "s", Context: "s.1.2~", Watched: 1500 * time.Millisecond, Duration: 2 * time.Second, AutoPresented: true,
	}
	bare := engagement.Event{ID: "2", Viewer: "v", Act: audience.BlockAuthor, Author: "a", At: engagement.Oldest}
	appended(t, log, []engagement.Event{e, bare}, true, true)
	got, err := log.Read(t.Context(), 0, 10)
	ok(t, err)
	same(t, got, []engagement.Logged{{Offset: 1, Received: noon, Event: e}, {Offset: 2, Received: noon, Event: bare}})
}

func emptyLog(t *testing.T, log engagement.EventLog) {
	head(t, log, 0)
	got, err := log.Read(t.Context(), 0, 10)
	ok(t, err)
	if len(got) != 0 {
		t.Fatalf("read %v", got)
	}
	fresh, err := log.Append(t.Context(), nil, noon)
	if len(fresh) != 0 || err != nil {
		t.Fatalf("nothing appended: %v, %v", fresh, err)
	}
	head(t, log, 0)
}

func denseOffsets(t *testing.T, log engagement.EventLog) {
	for batch := range 5 {
		var events []engagement.Event
		for i := range batch + 1 {
			events = append(events, like(fmt.Sprint(batch, "-", i), "v", "i"))
		}
		_, err := log.Append(t.Context(), events, noon)
		ok(t, err)
	}
	all := wholeLog(t, log)
	if len(all) != 15 || all[3].ID != "2-0" || all[14].ID != "4-4" {
		t.Fatalf("read %v", all)
	}
	head(t, log, 15)
}

func repeatedIDs(t *testing.T, log engagement.EventLog) {
	first := like("x", "v", "i")
	other := like("x", "another", "thing")
	appended(t, log, []engagement.Event{first, like("y", "v", "i"), other, like("y", "v", "i")}, true, true, false, false)
	appended(t, log, []engagement.Event{other, like("z", "v", "i")}, false, true)
	all := wholeLog(t, log)
	if len(all) != 3 || !reflect.DeepEqual(all[0].Event, first) || all[2].ID != "z" {
		t.Fatalf("read %v", all)
	}
}

func nothingNewNoGap(t *testing.T, log engagement.EventLog) {
	e := like("x", "v", "i")
	appended(t, log, []engagement.Event{e}, true)
	appended(t, log, []engagement.Event{e, e, e}, false, false, false)
	head(t, log, 1)
	appended(t, log, []engagement.Event{e, like("y", "v", "i")}, false, true)
	head(t, log, 2)
	wholeLog(t, log)
}

func knownIDs(t *testing.T, log engagement.EventLog) {
	appended(t, log, []engagement.Event{like("x", "v", "i"), like("z", "v", "i")}, true, true)
	got, err := log.Known(t.Context(), []engagement.EventID{"z", "X", "y", "x", "z"})
	ok(t, err)
	same(t, got, []bool{true, false, false, true, true})
	none, err := log.Known(t.Context(), nil)
	if len(none) != 0 || err != nil {
		t.Fatalf("of nothing: %v, %v", none, err)
	}
}

func alikeEvents(t *testing.T, log engagement.EventLog) {
	ids := []string{"a", "A", "a ", "a  ", " a", "\u00e9", "e\u0301", "e", "\uff41", "😀", "😁", "ss", "\u00df", "\\", "'", "?", "%"}
	for _, id := range ids {
		appended(t, log, []engagement.Event{like(id, id, id)}, true)
	}
	for i, e := range wholeLog(t, log) {
		if string(e.ID) != ids[i] || string(e.Viewer) != ids[i] || string(e.Item) != ids[i] {
			t.Errorf("%q came back as %q", ids[i], e.ID)
		}
	}
}

func readingGoesOn(t *testing.T, log engagement.EventLog) {
	for i := range 7 {
		appended(t, log, []engagement.Event{like(fmt.Sprint(i), "v", "i")}, true)
	}
	after, met := engagement.Offset(0), 0
	for _, want := range []int{3, 3, 1, 0} {
		some, err := log.Read(t.Context(), after, 3)
		ok(t, err)
		if len(some) != want {
			t.Fatalf("%d events after %d, not %d", len(some), after, want)
		}
		for _, e := range some {
			if e.Offset != after+1 || e.ID != engagement.EventID(fmt.Sprint(met)) {
				t.Fatalf("after %d came %d, %s", after, e.Offset, e.ID)
			}
			after = e.Offset
			met++
		}
	}
}

func tenThousand(t *testing.T, log engagement.EventLog) {
	const n = 10_000
	appended(t, log, []engagement.Event{like("7", "v", "i"), like("9999", "v", "i")}, true, true)
	events := make([]engagement.Event, n)
	for i := range events {
		events[i] = act(fmt.Sprint(i), fmt.Sprint("v", i%97), fmt.Sprint("i", i%89), audience.PlayProgress)
		events[i].Session, events[i].Watched = "s", time.Duration(i)*time.Millisecond
	}
	fresh, err := log.Append(t.Context(), events, noon)
	ok(t, err)
	for i, f := range fresh {
		if f == (i == 7 || i == 9999) {
			t.Fatalf("event %d: new is %v", i, f)
		}
	}
	head(t, log, n)
	wholeLog(t, log)
}

func knownLate(t *testing.T, log engagement.EventLog) {
	const n = 5000
	known := map[int]bool{4400: true, 4401: true, 4999: true}
	appended(t, log, []engagement.Event{like("4999", "first", "i"), like("4400", "first", "i"), like("4401", "first", "i")}, true, true, true)
	events := make([]engagement.Event, n)
	for i := range events {
		events[i] = like(fmt.Sprint(i), "second", "i")
	}
	fresh, err := log.Append(t.Context(), events, noon)
	ok(t, err)
	for i, f := range fresh {
		if f == known[i] {
			t.Fatalf("event %d: new is %v", i, f)
		}
	}
	for i, e := range wholeLog(t, log) {
		if want := i - 3; i >= 3 && want < 4400 && e.ID != engagement.EventID(fmt.Sprint(want)) {
			t.Fatalf("event %d is %s", i, e.ID)
		}
		if first := e.Viewer == "first"; first != (i < 3) {
			t.Fatalf("event %s was replaced", e.ID)
		}
	}
	head(t, log, n)
}

func collidingAppenders(t *testing.T, log engagement.EventLog) {
	const appenders, each, size = 6, 10, 7
	var fresh atomic.Int64
	together(appenders, func(a int) {
		for b := range each {
			events := make([]engagement.Event, size)
			for i := range events { // every id is appended by two appenders
				events[i] = like(fmt.Sprint(a/2, "-", b, "-", i), "v", "i")
			}
			new, err := log.Append(t.Context(), events, noon)
			if err != nil {
				t.Error(err)
			}
			for _, f := range new {
				if f {
					fresh.Add(1)
				}
			}
		}
	})
	all := wholeLog(t, log)
	if want := appenders / 2 * each * size; len(all) != want || fresh.Load() != int64(want) {
		t.Fatalf("%d events are in the log, %d were called new, %d were sent", len(all), fresh.Load(), want)
	}
	head(t, log, engagement.Offset(len(all)))
	ids := map[engagement.EventID]bool{}
	for _, e := range all {
		if ids[e.ID] {
			t.Fatalf("%s is there twice", e.ID)
		}
		ids[e.ID] = true
	}
}

func noGapFillsLater(t *testing.T, log engagement.EventLog) {
	const appenders, each = 4, 12
	var written atomic.Bool
	var reader sync.WaitGroup
	reader.Go(func() {
		after := engagement.Offset(0)
		for {
			last := written.Load()
			some, err := log.Read(t.Context(), after, 5)
			if err != nil {
				t.Error(err)
				return
			}
			for _, e := range some {
				if e.Offset != after+1 {
					t.Errorf("after %d came %d", after, e.Offset)
				}
				after = e.Offset
			}
			if last && len(some) == 0 {
				return
			}
		}
	})
	together(appenders, func(a int) {
		for b := range each {
			events := make([]engagement.Event, 1+(a+b)%9)
			for i := range events {
				events[i] = like(fmt.Sprint(a, "-", b, "-", i), "v", "i")
			}
			if _, err := log.Append(t.Context(), events, noon); err != nil {
				t.Error(err)
			}
		}
	})
	written.Store(true)
	reader.Wait()
}

func oneIDOfMany(t *testing.T, log engagement.EventLog) {
	for round := range 5 {
		var fresh atomic.Int64
		together(6, func(int) {
			new, err := log.Append(t.Context(), []engagement.Event{like(fmt.Sprint(round), "v", "i")}, noon)
			if err != nil {
				t.Error(err)
			} else if new[0] {
				fresh.Add(1)
			}
		})
		if fresh.Load() != 1 {
			t.Fatalf("the event was new %d times", fresh.Load())
		}
	}
	head(t, log, 5)
}

func endedAppend(t *testing.T, log engagement.EventLog) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := log.Append(ctx, []engagement.Event{like("x", "v", "i")}, noon)
	if !fault.Is(err, fault.Unavailable) {
		t.Fatalf("%v is not of kind unavailable", err)
	}
	head(t, log, 0)
	appended(t, log, []engagement.Event{like("x", "v", "i")}, true)
}

func appended(t *testing.T, log engagement.EventLog, events []engagement.Event, want ...bool) {
	t.Helper()
	fresh, err := log.Append(t.Context(), events, noon)
	ok(t, err)
	same(t, fresh, want)
}

// wholeLog reads everything and checks that offsets are dense.
func wholeLog(t *testing.T, log engagement.EventLog) []engagement.Logged {
	t.Helper()
	all, err := log.Read(t.Context(), 0, 100_000)
	ok(t, err)
	for i, e := range all {
		if e.Offset != engagement.Offset(i+1) {
			t.Fatalf("event %d has offset %d", i+1, e.Offset)
		}
	}
	return all
}

func head(t *testing.T, log engagement.EventLog, want engagement.Offset) {
	t.Helper()
	got, err := log.Head(t.Context())
	ok(t, err)
	if got != want {
		t.Fatalf("the head is %d, not %d", got, want)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
}

// together runs n of do at once and waits for all.
func together(n int, do func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { do(i) })
	}
	all.Wait()
}
