package audiencetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// Records are empty durable records and ways to fill them, for the Recollection that reads them.
type Records struct {
	audience.Recollection
	Viewers audience.ViewerRepository
	// Publish makes items known to the catalogue and returns their numbers.
	Publish func(t *testing.T, ids ...catalog.ItemID) []catalog.Number
	// Happened puts events into the log, in order.
	Happened func(t *testing.T, viewer audience.ViewerID, received time.Time, actions ...audience.Action)
	// Served archives a page.
	Served func(t *testing.T, viewer audience.ViewerID, session string, page int, at time.Time, items ...catalog.Number)
}

// Recollection runs the contract of audience.Recollection.
func Recollection(t *testing.T, open func(t *testing.T) Records) {
	for name, clause := range map[string]func(*testing.T, Records){
		"of a stranger nothing is known":                     stranger,
		"actions come newest first with all that was said":   newestActionsFirst,
		"an act without an item is no action":                actsOnAuthors,
		"plays of one item in one session are one action":    playsAreOne,
		"the oldest actions are forgotten past the limit":    mostActions,
		"a long play does not push other actions out":        longPlay,
		"seen and consumed follow from what acts mean":       marksFromActs,
		"an item the catalogue never had leaves no mark":     marksOfUnknownItems,
		"served items come from the archive, oldest first":   servedFromArchive,
		"the oldest marks are forgotten past their limits":   mostMarks,
		"nothing of another viewer is recollected":           onlyOneself,
		"marks are at whole seconds":                         wholeSeconds,
		"the past is as it was at the moment":                theMoment,
		"a page knows what came before it and not of itself": notOfItself,
	} {
		t.Run(name, func(t *testing.T) { clause(t, open(t)) })
	}
}

func did(act audience.Act, item catalog.ItemID, after time.Duration) audience.Action {
	return audience.Action{Item: item, Act: act, At: midday.Add(after)}
}

// marked is the mark of what happened so many seconds after midday.
func marked(n catalog.Number, seconds int) audience.Mark {
	return audience.Mark{Item: n, At: midday.Truncate(time.Second).Add(time.Duration(seconds) * time.Second)}
}

func played(item catalog.ItemID, session string, after, watched, duration time.Duration) audience.Action {
	a := did(audience.PlayProgress, item, after)
	a.Session, a.Watched, a.Duration = session, watched, duration
	return a
}

func stranger(t *testing.T, r Records) {
	k := recollect(t, r, "v", time.Time{})
	if k.Viewer.ID() != "v" || len(said(k.Viewer)) != 0 {
		t.Fatalf("the viewer is %q with %v", k.Viewer.ID(), said(k.Viewer))
	}
	if len(k.Actions)+len(k.Memory.Served)+len(k.Memory.Seen)+len(k.Memory.Consumed) != 0 {
		t.Fatalf("%+v", k)
	}
}

func newestActionsFirst(t *testing.T, r Records) {
	acts := []audience.Action{
		did(audience.Like, "é😀 ", 3*time.Second),
		played("long", "s", 4*time.Second, 1500*time.Millisecond, time.Minute),
		did(audience.Skip, "late to arrive", time.Second),
		did(audience.Share, "x", 5*time.Second),
	}
	r.Happened(t, "v", midday, acts...)
	agree(t, recollect(t, r, "v", time.Time{}).Actions, []audience.Action{acts[3], acts[1], acts[0], acts[2]})
}

func actsOnAuthors(t *testing.T, r Records) {
	r.Happened(t, "v", midday, did(audience.FollowAuthor, "", 0), did(audience.ProfileClick, "i", time.Second), did(audience.BlockAuthor, "", 2*time.Second))
	agree(t, recollect(t, r, "v", time.Time{}).Actions, []audience.Action{did(audience.ProfileClick, "i", time.Second)})
}

func playsAreOne(t *testing.T, r Records) {
	r.Happened(t, "v", midday,
		played("i", "s", 1*time.Second, 5*time.Second, 0), played("i", "s", 2*time.Second, 9*time.Second, time.Minute),
		played("i", "S", 3*time.Second, 1*time.Second, time.Minute), played("j", "s", 4*time.Second, 2*time.Second, time.Minute),
		played("i", "s", 5*time.Second, 7*time.Second, time.Minute))
	agree(t, recollect(t, r, "v", time.Time{}).Actions, []audience.Action{
		played("i", "s", 5*time.Second, 9*time.Second, time.Minute),
		played("j", "s", 4*time.Second, 2*time.Second, time.Minute),
		played("i", "S", 3*time.Second, 1*time.Second, time.Minute),
	})
}

func mostActions(t *testing.T, r Records) {
	var acts []audience.Action
	for i := range audience.MaxActions + 1 {
		acts = append(acts, did(audience.Open, catalog.ItemID(fmt.Sprint("i", i)), time.Duration(i)*time.Second))
	}
	r.Happened(t, "v", midday, acts...)
	got := recollect(t, r, "v", time.Time{}).Actions
	if len(got) != audience.MaxActions || got[0] != acts[audience.MaxActions] || got[len(got)-1] != acts[1] {
		t.Fatalf("%d actions, from %v to %v", len(got), got[0], got[len(got)-1])
	}
}

func longPlay(t *testing.T, r Records) {
	acts := []audience.Action{did(audience.Like, "first", 0)}
	for i := range 2500 {
		acts = append(acts, played("long", "s", time.Duration(1+i)*time.Second, time.Duration(i)*time.Second, 0))
	}
	r.Happened(t, "v", midday, acts...)
	got := recollect(t, r, "v", time.Time{}).Actions
	agree(t, got, []audience.Action{played("long", "s", 2500*time.Second, 2499*time.Second, 0), acts[0]})
}

func marksFromActs(t *testing.T, r Records) {
	n := r.Publish(t, "seen", "liked", "begun", "taken back", "half", "most", "completed", "twice")
	r.Happened(t, "v", midday,
		did(audience.Seen, "seen", 1), did(audience.Like, "liked", time.Second), did(audience.PlayStart, "begun", 0), did(audience.Unlike, "taken back", 0),
		played("half", "s", 2*time.Second, 30*time.Second, time.Minute), played("most", "s", 3*time.Second, 48*time.Second, time.Minute),
		did(audience.PlayComplete, "completed", 4*time.Second), did(audience.Open, "twice", 6*time.Second), did(audience.Open, "twice", 5*time.Second))
	m := recollect(t, r, "v", time.Time{}).Memory
	agree(t, m.Seen, []audience.Mark{marked(n[0], 0), marked(n[1], 1), marked(n[4], 2), marked(n[5], 3), marked(n[6], 4), marked(n[7], 6)})
	agree(t, m.Consumed, []audience.Mark{marked(n[1], 1), marked(n[5], 3), marked(n[6], 4)})
}

func marksOfUnknownItems(t *testing.T, r Records) {
	n := r.Publish(t, "A")
	r.Happened(t, "v", midday, did(audience.Like, "A", 0), did(audience.Like, "a", time.Second), did(audience.Like, "A ", time.Second))
	m := recollect(t, r, "v", time.Time{}).Memory
	agree(t, m.Seen, []audience.Mark{marked(n[0], 0)})
}

func servedFromArchive(t *testing.T, r Records) {
	r.Served(t, "v", "s1", 1, midday, 5, 1, 1<<53-1)
	r.Served(t, "v", "s2", 1, midday.Add(time.Hour), 8)
	r.Served(t, "v", "s1", 2, midday.Add(time.Minute), 7, 6)
	agree(t, recollect(t, r, "v", time.Time{}).Memory.Served, []audience.Mark{
		marked(5, 0), marked(1, 0), marked(1<<53-1, 0), marked(7, 60), marked(6, 60), marked(8, 3600),
	})
}

func wholeSeconds(t *testing.T, r Records) {
	n := r.Publish(t, "i", "j")
	noon := midday.Truncate(time.Second)
	acts := []audience.Action{{Item: "i", Act: audience.Like, At: noon.Add(time.Second)}, {Item: "j", Act: audience.Open, At: noon.Add(1999 * time.Millisecond)}}
	r.Happened(t, "v", midday, acts...)
	r.Served(t, "v", "s", 1, noon.Add(2999*time.Millisecond), n[0])
	k := recollect(t, r, "v", midday.Add(time.Hour))
	agree(t, k.Memory, audience.Memory{
		Served: []audience.Mark{marked(n[0], 2)}, Seen: []audience.Mark{marked(n[0], 1), marked(n[1], 1)}, Consumed: []audience.Mark{marked(n[0], 1)},
	})
	agree(t, k.Actions, []audience.Action{acts[1], acts[0]})
}

func mostMarks(t *testing.T, r Records) {
	const extra = 5
	for page := range audience.MaxServed/20 + 1 {
		items := make([]catalog.Number, 20)
		for i := range items {
			items[i] = catalog.Number(1 + page*20 + i)
		}
		r.Served(t, "v", "s", page+1, midday.Add(time.Duration(page)*time.Second), items...)
	}
	var ids []catalog.ItemID
	var acts []audience.Action
	for i := range audience.MaxSeen + extra {
		ids = append(ids, catalog.ItemID(fmt.Sprint("i", i)))
		acts = append(acts, did(audience.Like, ids[i], time.Duration(i)*time.Second))
	}
	var numbers []catalog.Number
	for batch := range slices.Chunk(ids, 500) {
		numbers = append(numbers, r.Publish(t, batch...)...)
	}
	r.Happened(t, "v", midday, acts...)
	m := recollect(t, r, "v", time.Time{}).Memory
	if len(m.Served) != audience.MaxServed || m.Served[0].Item != 21 || m.Served[audience.MaxServed-1].Item != audience.MaxServed+20 {
		t.Fatalf("%d served, from %v to %v", len(m.Served), m.Served[0], m.Served[len(m.Served)-1])
	}
	for name, marks := range map[string][]audience.Mark{"seen": m.Seen, "consumed": m.Consumed} {
		if len(marks) != audience.MaxSeen || marks[0].Item != numbers[extra] || marks[len(marks)-1].Item != numbers[len(numbers)-1] {
			t.Fatalf("%d %s, from %v to %v", len(marks), name, marks[0], marks[len(marks)-1])
		}
	}
}

func onlyOneself(t *testing.T, r Records) {
	r.Publish(t, "i")
	for _, other := range []audience.ViewerID{"V", "v ", "w"} {
		r.Happened(t, other, midday, did(audience.Like, "i", 0))
		r.Served(t, other, "s"+string(other), 1, midday, 1)
		steer(t, r.Viewers, other, "tag", "x", audience.More, midday)
	}
	stranger(t, r)
}

func theMoment(t *testing.T, r Records) {
	n := r.Publish(t, "before", "then", "after")
	tick := time.Millisecond
	for i, item := range []catalog.ItemID{"before", "then", "after"} {
		at := midday.Add(time.Duration(i-1) * tick)
		r.Happened(t, "v", at, audience.Action{Item: item, Act: audience.Like, At: midday.Add(-time.Hour + time.Duration(i))})
		steer(t, r.Viewers, "v", "item", string(item), audience.More, at)
	}
	k := recollect(t, r, "v", midday)
	agree(t, said(k.Viewer), []string{"item before more 12:00:00.006", "item then more 12:00:00.007"})
	if len(k.Actions) != 2 || len(k.Memory.Consumed) != 2 || k.Memory.Seen[0].Item != n[0] || k.Memory.Seen[1].Item != n[1] {
		t.Fatalf("%+v", k)
	}
	if k := recollect(t, r, "v", time.Time{}); len(k.Actions) != 3 || len(k.Viewer.Decisions()) != 3 || len(k.Memory.Seen) != 3 {
		t.Fatalf("now: %+v", k)
	}
}

func notOfItself(t *testing.T, r Records) {
	r.Served(t, "v", "s", 1, midday.Add(-time.Millisecond), 1)
	r.Served(t, "v", "s", 2, midday, 2)
	r.Served(t, "v", "s", 3, midday.Add(time.Millisecond), 3)
	agree(t, recollect(t, r, "v", midday).Memory.Served, []audience.Mark{marked(1, 0)})
}

func recollect(t *testing.T, r Records, id audience.ViewerID, at time.Time) audience.Knowledge {
	t.Helper()
	k, err := r.Recollect(t.Context(), id, at)
	succeed(t, err)
	return k
}
