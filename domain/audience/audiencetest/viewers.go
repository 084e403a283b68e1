package audiencetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

// Viewers runs the contract of audience.ViewerRepository; open gives an empty one.
func Viewers(t *testing.T, open func(t *testing.T) audience.ViewerRepository) {
	for name, clause := range map[string]func(*testing.T, audience.ViewerRepository){
		"who never decided anything is an empty viewer":    emptyViewer,
		"ties and decisions come back as they were taken":  viewerComesBack,
		"the latest decision wins":                         latestDecisionWins,
		"what is undone or dropped is gone":                undoneIsGone,
		"what is taken back within one change stays out":   undoneWithinOneChange,
		"a failed change leaves no trace":                  failedChangeOfViewer,
		"a change that changes nothing is no error":        unchangedViewer,
		"one viewer's decisions are nobody else's":         decidersApart,
		"colliding writers lose nothing":                   collidingDeciders,
		"colliding writers keep the limits":                limitsUnderCollision,
		"a viewer at every limit comes back whole":         fullViewer,
		"with an ended context nothing is decided":         endedDecision,
		"a viewer handed out is not the one that is kept":  viewerNotShared,
		"a change sees what the change before it decided":  changesInTurn,
		"following ends a mute in the same commit as ever": followUnmutes,
	} {
		t.Run(name, func(t *testing.T) { clause(t, open(t)) })
	}
}

var midday = time.Date(2026, 3, 1, 12, 0, 0, 7_000_000, time.UTC)

func emptyViewer(t *testing.T, viewers audience.ViewerRepository) {
	v, err := viewers.Find(t.Context(), "nobody")
	succeed(t, err)
	if v.ID() != "nobody" {
		t.Fatalf("the viewer is %q", v.ID())
	}
	agree(t, said(v), []string{})
}

func viewerComesBack(t *testing.T, viewers audience.ViewerRepository) {
	change(t, viewers, "v", func(v *audience.Viewer) error {
		return errors.Join(
			v.Follow("author é", midday), v.Follow("author e\u0301", midday), v.Mute("m", midday.Add(time.Millisecond)), v.Block("b ", midday),
			v.Steer(target("item", "i"), audience.More, midday), v.Steer(target("author", "i"), audience.Less, midday),
			v.Steer(target("tag", "河😀"), audience.Less, midday), v.Steer(target("tag", "A"), audience.More, midday), v.Steer(target("tag", "a"), audience.Less, midday),
		)
	})
	v, err := viewers.Find(t.Context(), "v")
	succeed(t, err)
	agree(t, said(v), []string{
		"follows author e\u0301 12:00:00.007", "follows author é 12:00:00.007", "mutes m 12:00:00.008", "blocks b  12:00:00.007",
		"item i more 12:00:00.007", "author i less 12:00:00.007", "tag A more 12:00:00.007", "tag a less 12:00:00.007", "tag 河😀 less 12:00:00.007",
	})
	if len(v.Changes()) != 0 {
		t.Fatalf("changes are still to be stored: %v", v.Changes())
	}
}

func latestDecisionWins(t *testing.T, viewers audience.ViewerRepository) {
	steer(t, viewers, "v", "tag", "x", audience.More, midday)
	steer(t, viewers, "v", "tag", "x", audience.Less, midday.Add(time.Second))
	steer(t, viewers, "v", "tag", "x", audience.Less, midday.Add(time.Minute))
	holds(t, viewers, "v", "tag x less 12:00:01.007")
}

func undoneIsGone(t *testing.T, viewers audience.ViewerRepository) {
	steer(t, viewers, "v", "tag", "x", audience.More, midday)
	steer(t, viewers, "v", "tag", "y", audience.More, midday)
	change(t, viewers, "v", func(v *audience.Viewer) error { return errors.Join(v.Follow("a", midday), v.Follow("b", midday)) })
	change(t, viewers, "v", func(v *audience.Viewer) error {
		v.Drop(audience.Follows, "a", midday)
		return v.Undo(target("tag", "x"))
	})
	holds(t, viewers, "v", "follows b 12:00:00.007", "tag y more 12:00:00.007")
	err := viewers.Update(t.Context(), "v", func(v *audience.Viewer) error { return v.Undo(target("tag", "x")) })
	if !errors.Is(err, audience.ErrNoDecision) {
		t.Fatalf("undone twice: %v", err)
	}
}

func undoneWithinOneChange(t *testing.T, viewers audience.ViewerRepository) {
	steer(t, viewers, "v", "tag", "kept", audience.More, midday)
	change(t, viewers, "v", func(v *audience.Viewer) error {
		v.Drop(audience.Follows, "a", midday)
		err := errors.Join(
			v.Steer(target("tag", "x"), audience.More, midday), v.Undo(target("tag", "x")),
			v.Undo(target("tag", "kept")), v.Steer(target("tag", "kept"), audience.Less, midday.Add(time.Second)),
			v.Follow("a", midday), v.Block("a", midday), v.Follow("a", midday.Add(time.Second)),
		)
		return err
	})
	holds(t, viewers, "v", "follows a 12:00:01.007", "tag kept less 12:00:01.007")
}

func failedChangeOfViewer(t *testing.T, viewers audience.ViewerRepository) {
	steer(t, viewers, "v", "tag", "x", audience.More, midday)
	refusal := errors.New("refused")
	for _, id := range []audience.ViewerID{"v", "new"} {
		err := viewers.Update(t.Context(), id, func(v *audience.Viewer) error {
			return errors.Join(v.Steer(target("tag", "x"), audience.Less, midday), v.Follow("a", midday), refusal)
		})
		if !errors.Is(err, refusal) {
			t.Fatalf("update failed with %v", err)
		}
	}
	holds(t, viewers, "v", "tag x more 12:00:00.007")
	holds(t, viewers, "new")
}

func unchangedViewer(t *testing.T, viewers audience.ViewerRepository) {
	change(t, viewers, "v", func(*audience.Viewer) error { return nil })
	change(t, viewers, "v", func(v *audience.Viewer) error { v.Drop(audience.Mutes, "a", midday); return nil })
	holds(t, viewers, "v")
}

func decidersApart(t *testing.T, viewers audience.ViewerRepository) {
	ids := []string{"a", "A", "a ", " a", "\u00e9", "e\u0301", "😀", "😁", "ss", "\u00df", "'", "\\", "%"}
	for _, id := range ids {
		steer(t, viewers, audience.ViewerID(id), "tag", id, audience.More, midday)
	}
	for _, id := range ids {
		holds(t, viewers, audience.ViewerID(id), "tag "+id+" more 12:00:00.007")
	}
}

func collidingDeciders(t *testing.T, viewers audience.ViewerRepository) {
	const writers, each = 6, 6
	atOnce(writers, func(w int) {
		for i := range each {
			change(t, viewers, "v", func(v *audience.Viewer) error {
				return errors.Join(
					v.Steer(target("tag", fmt.Sprint(w, "-", i)), audience.More, midday),
					v.Follow(catalog.AuthorID(fmt.Sprint(w, "-", i)), midday),
				)
			})
		}
	})
	v, err := viewers.Find(t.Context(), "v")
	succeed(t, err)
	if d, f := len(v.Decisions()), len(v.Ties(audience.Follows)); d != writers*each || f != writers*each {
		t.Fatalf("%d decisions and %d follows of %d each", d, f, writers*each)
	}
}

func limitsUnderCollision(t *testing.T, viewers audience.ViewerRepository) {
	const room = 3
	change(t, viewers, "v", func(v *audience.Viewer) error {
		for i := range audience.MaxDecisions - room {
			if err := v.Steer(target("tag", fmt.Sprint(i)), audience.More, midday); err != nil {
				return err
			}
		}
		return nil
	})
	var mu sync.Mutex
	taken, refused := 0, 0
	atOnce(8, func(w int) {
		err := viewers.Update(t.Context(), "v", func(v *audience.Viewer) error {
			return v.Steer(target("item", fmt.Sprint(w)), audience.Less, midday)
		})
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err == nil:
			taken++
		case errors.Is(err, audience.ErrTooManyDecisions):
			refused++
		default:
			t.Error(err)
		}
	})
	if taken != room || refused != 8-room {
		t.Fatalf("%d were taken and %d refused, with room for %d", taken, refused, room)
	}
}

func fullViewer(t *testing.T, viewers audience.ViewerRepository) {
	change(t, viewers, "v", func(v *audience.Viewer) error {
		for i := range audience.MaxFollows {
			if err := v.Follow(catalog.AuthorID(fmt.Sprint("f", i)), midday); err != nil {
				return err
			}
		}
		for i := range audience.MaxMutes {
			if err := v.Mute(catalog.AuthorID(fmt.Sprint("m", i)), midday); err != nil {
				return err
			}
		}
		return nil
	})
	v, err := viewers.Find(t.Context(), "v")
	succeed(t, err)
	if f, m := len(v.Ties(audience.Follows)), len(v.Ties(audience.Mutes)); f != audience.MaxFollows || m != audience.MaxMutes {
		t.Fatalf("%d follows, %d mutes", f, m)
	}
	if err := v.Follow("one more", midday); !errors.Is(err, audience.ErrTooManyFollows) {
		t.Fatalf("one more: %v", err)
	}
}

func endedDecision(t *testing.T, viewers audience.ViewerRepository) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := viewers.Update(ctx, "v", func(v *audience.Viewer) error { return v.Follow("a", midday) })
	if !fault.Is(err, fault.Unavailable) {
		t.Fatalf("%v is not of kind unavailable", err)
	}
	if _, err := viewers.Find(ctx, "v"); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("%v is not of kind unavailable", err)
	}
	holds(t, viewers, "v")
}

func viewerNotShared(t *testing.T, viewers audience.ViewerRepository) {
	var kept *audience.Viewer
	change(t, viewers, "v", func(v *audience.Viewer) error { kept = v; return v.Follow("a", midday) })
	succeed(t, kept.Follow("b", midday))
	holds(t, viewers, "v", "follows a 12:00:00.007")
}

func changesInTurn(t *testing.T, viewers audience.ViewerRepository) {
	for i := range 5 {
		change(t, viewers, "v", func(v *audience.Viewer) error {
			if n := len(v.Decisions()); n != i {
				t.Errorf("change %d sees %d decisions", i, n)
			}
			return v.Steer(target("tag", fmt.Sprint(i)), audience.More, midday)
		})
	}
}

func followUnmutes(t *testing.T, viewers audience.ViewerRepository) {
	change(t, viewers, "v", func(v *audience.Viewer) error { return v.Mute("a", midday) })
	change(t, viewers, "v", func(v *audience.Viewer) error { return v.Follow("a", midday) })
	holds(t, viewers, "v", "follows a 12:00:00.007")
	change(t, viewers, "v", func(v *audience.Viewer) error { return v.Block("a", midday) })
	holds(t, viewers, "v", "blocks a 12:00:00.007")
}

// said lists all that the viewer decided, in one order.
func said(v *audience.Viewer) []string {
	lines := []string{}
	for _, relation := range []audience.Relation{audience.Follows, audience.Mutes, audience.Blocks} {
		ties := v.Ties(relation)
		slices.SortFunc(ties, func(a, b audience.Tie) int { return cmp.Compare(a.Author, b.Author) })
		for _, tie := range ties {
			lines = append(lines, fmt.Sprintf("%s %s %s", relation, tie.Author, tie.At.Format("15:04:05.000")))
		}
	}
	decisions := v.Decisions()
	slices.SortFunc(decisions, func(a, b audience.Decision) int {
		return cmp.Or(cmp.Compare(a.Target.Kind, b.Target.Kind), cmp.Compare(a.Target.ID, b.Target.ID))
	})
	for _, d := range decisions {
		lines = append(lines, fmt.Sprintf("%s %s %s %s", d.Target.Kind, d.Target.ID, d.Direction, d.At.Format("15:04:05.000")))
	}
	return lines
}

func holds(t *testing.T, viewers audience.ViewerRepository, id audience.ViewerID, want ...string) {
	t.Helper()
	v, err := viewers.Find(t.Context(), id)
	succeed(t, err)
	agree(t, said(v), append([]string{}, want...))
}

func target(kind, id string) audience.Target {
	t, err := audience.ParseTarget(kind, id)
	if err != nil {
		panic(err)
	}
	return t
}

func steer(t *testing.T, viewers audience.ViewerRepository, id audience.ViewerID, kind, name string, d audience.Direction, at time.Time) {
	t.Helper()
	change(t, viewers, id, func(v *audience.Viewer) error { return v.Steer(target(kind, name), d, at) })
}

func change(t *testing.T, viewers audience.ViewerRepository, id audience.ViewerID, what func(*audience.Viewer) error) {
	t.Helper()
	if err := viewers.Update(t.Context(), id, what); err != nil {
		t.Errorf("update %q: %v", id, err)
	}
}

func succeed(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func agree(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
}

// atOnce runs n of do at the same time and waits for all.
func atOnce(n int, do func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { do(i) })
	}
	all.Wait()
}
