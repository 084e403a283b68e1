package catalogtest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/freshet/freshet/domain/catalog"
)

// Post is an empty repository, two handles on its outbox, such as two instances of the fleet have, and what they give up.
type Post struct {
	Items catalog.ItemRepository
	A, B  catalog.Outbox
	Dead  catalog.DeadLetters
}

// DeadLetters runs the contract of catalog.DeadLetters, and of the Outbox where facts fail by themselves.
func DeadLetters(t *testing.T, open func(t *testing.T) Post) {
	for name, clause := range map[string]func(*testing.T, Post){
		"the third failure makes a dead letter":             thirdFailure,
		"what fails keeps nothing of other items back":      othersGoOn,
		"later facts of the item wait until it is given up": laterOnesWait,
		"a held fact has not failed":                        heldIsNoFailure,
		"a delivery that fails counts against no fact":      brokenDelivery,
		"what is requeued comes before later facts":         requeuedInPlace,
		"requeued twice it is there once":                   requeuedTwice,
		"what was overtaken is not requeued":                overtaken,
		"nothing is requeued while facts are delivered":     requeueWhileRelaying,
		"what is dropped is gone":                           dropped,
		"letters are listed in order, limit by limit":       listed,
		"the backlog tells what waits":                      backlogTold,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they wait for retries
			clause(t, open(t))
		})
	}
}

var errPoison = errors.New("no such shape")

// refusing delivers all but the facts of an item, and holds later ones of it.
func (p Post) refusing(id catalog.ItemID, got *[]catalog.Snapshot) func([]catalog.Snapshot) ([]error, error) {
	return func(facts []catalog.Snapshot) ([]error, error) {
		outcomes := make([]error, len(facts))
		failed := false
		for i, f := range facts {
			switch {
			case f.ID != id:
				*got = append(*got, f)
			case failed:
				outcomes[i] = catalog.ErrHeld
			default:
				failed, outcomes[i] = true, errPoison
			}
		}
		return outcomes, nil
	}
}

// bury publishes the item and has its fact fail to the end, on either handle in turn.
func (p Post) bury(t *testing.T, id catalog.ItemID) catalog.DeadLetter {
	t.Helper()
	publish(t, p.Items, id, full(), noon)
	return p.exhaust(t, id)
}

// exhaust has what waits of the item fail until one fact more is a dead letter.
func (p Post) exhaust(t *testing.T, id catalog.ItemID) catalog.DeadLetter {
	t.Helper()
	var got []catalog.Snapshot
	failures, until := 0, time.Now().Add(30*time.Second)
	for try := 0; time.Now().Before(until); try++ {
		outbox, owner := p.A, "a"
		if try%2 == 1 {
			outbox, owner = p.B, "b"
		}
		done, err := outbox.Relay(t.Context(), owner, 10, p.refusing(id, &got))
		ok(t, err)
		failures += done.Failed
		if done.Buried > 0 {
			if failures != catalog.MostFailures {
				t.Fatalf("given up after %d failures", failures)
			}
			letters := p.letters(t)
			return letters[len(letters)-1]
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("it was not given up")
	return catalog.DeadLetter{}
}

func (p Post) letters(t *testing.T) []catalog.DeadLetter {
	t.Helper()
	all, err := p.Dead.List(t.Context(), 0, 100)
	ok(t, err)
	return all
}

func thirdFailure(t *testing.T, p Post) {
	began := time.Now().Add(-2 * time.Second) // the database's clock is another one
	l := p.bury(t, "x")
	if l.Item != "x" || l.Version != 1 || l.State != catalog.Published || !l.ChangedAt.Equal(noon) || l.Failures != 3 || l.Superseded() {
		t.Fatalf("got %+v", l)
	}
	if !strings.Contains(l.Why, errPoison.Error()) || l.DiedAt.Before(began) || l.Details != nil || l.Payload != nil {
		t.Fatalf("got %+v", l)
	}
	pending(t, p.A, 0)
	whole, err := p.Dead.Find(t.Context(), l.ID)
	ok(t, err)
	if len(whole.Details) == 0 || string(whole.Payload) != string(full().Payload) || whole.Item != "x" {
		t.Fatalf("got %+v", whole)
	}
}

func othersGoOn(t *testing.T, p Post) {
	publish(t, p.Items, "a", full(), noon)
	publish(t, p.Items, "x", full(), noon)
	publish(t, p.Items, "b", full(), noon)
	var got []catalog.Snapshot
	done, err := p.A.Relay(t.Context(), "a", 10, p.refusing("x", &got))
	ok(t, err)
	same(t, done, catalog.Relayed{Taken: 3, Delivered: 2, Failed: 1})
	same(t, []catalog.ItemID{got[0].ID, got[1].ID}, []catalog.ItemID{"a", "b"})
	publish(t, p.Items, "c", full(), noon)
	if got := relay(t, p.B, "b", 1); len(got) != 1 || got[0].ID != "c" {
		t.Fatalf("got %+v: what rests takes the place of what is due", got)
	}
}

func laterOnesWait(t *testing.T, p Post) {
	publish(t, p.Items, "x", full(), noon)
	publish(t, p.Items, "x", catalog.Details{Title: "later"}, noon)
	var got []catalog.Snapshot
	done, err := p.A.Relay(t.Context(), "a", 1, p.refusing("x", &got))
	ok(t, err)
	same(t, done, catalog.Relayed{Taken: 1, Failed: 1})
	if got := relay(t, p.A, "a", 10); len(got) != 0 {
		t.Fatalf("got %+v before the one that failed", got)
	}
	time.Sleep(catalog.RetryAfter(1, 1) + 20*time.Millisecond)
	if got := relay(t, p.A, "a", 10); len(got) != 2 || got[0].Version != 1 || got[1].Version != 2 {
		t.Fatalf("got %+v", got)
	}
	pending(t, p.A, 0)
}

func heldIsNoFailure(t *testing.T, p Post) {
	publish(t, p.Items, "x", full(), noon)
	for range 4 {
		done, err := p.A.Relay(t.Context(), "a", 10, func(facts []catalog.Snapshot) ([]error, error) {
			return []error{catalog.ErrHeld}, nil
		})
		ok(t, err)
		same(t, done, catalog.Relayed{Taken: 1})
	}
	pending(t, p.A, 1)
}

func brokenDelivery(t *testing.T, p Post) {
	publish(t, p.Items, "x", full(), noon)
	for range 5 {
		_, err := p.A.Relay(t.Context(), "a", 10, func([]catalog.Snapshot) ([]error, error) { return []error{errPoison}, errPoison })
		if !errors.Is(err, errPoison) {
			t.Fatal(err)
		}
	}
	if got := relay(t, p.A, "a", 10); len(got) != 1 || len(p.letters(t)) != 0 {
		t.Fatalf("got %+v", got)
	}
}

func requeuedInPlace(t *testing.T, p Post) {
	l := p.bury(t, "x")
	publish(t, p.Items, "x", catalog.Details{Title: "later"}, noon)
	what, err := p.Dead.Requeue(t.Context(), l.ID)
	ok(t, err)
	same(t, what, catalog.Requeued)
	same(t, len(p.letters(t)), 0)
	if got := relay(t, p.B, "b", 10); len(got) != 2 || got[0].Version != 1 || got[1].Version != 2 {
		t.Fatalf("got %+v", got)
	}
	publish(t, p.Items, "y", full(), noon)
	if got := relay(t, p.A, "a", 10); len(got) != 1 {
		t.Fatalf("what came after it: %+v", got)
	}
}

func requeuedTwice(t *testing.T, p Post) {
	l := p.bury(t, "x")
	for _, want := range []catalog.Requeueing{catalog.Requeued, catalog.Waiting, catalog.Waiting} {
		what, err := p.Dead.Requeue(t.Context(), l.ID)
		ok(t, err)
		same(t, what, want)
	}
	pending(t, p.A, 1)
	if again := p.exhaust(t, "x"); again.ID != l.ID || again.Failures != 3 {
		t.Fatalf("got %+v, not %d with failures of its own", again, l.ID)
	}
	if _, err := p.Dead.Requeue(t.Context(), l.ID); err != nil {
		t.Fatal(err)
	}
	relay(t, p.A, "a", 10)
	if _, err := p.Dead.Requeue(t.Context(), l.ID); !errors.Is(err, catalog.ErrNoLetter) {
		t.Fatalf("delivered: %v", err)
	}
}

func overtaken(t *testing.T, p Post) {
	l := p.bury(t, "x")
	publish(t, p.Items, "y", full(), noon)
	publish(t, p.Items, "x", catalog.Details{Title: "later"}, noon)
	publish(t, p.Items, "x", catalog.Details{Title: "latest"}, noon)
	relay(t, p.A, "a", 10)
	for range 2 {
		what, err := p.Dead.Requeue(t.Context(), l.ID)
		ok(t, err)
		same(t, what, catalog.Superseded)
	}
	pending(t, p.A, 0)
	letters := p.letters(t)
	if len(letters) != 1 || letters[0].Overtaken != 3 || !letters[0].Superseded() {
		t.Fatalf("got %+v", letters)
	}
}

func requeueWhileRelaying(t *testing.T, p Post) {
	l := p.bury(t, "x")
	publish(t, p.Items, "x", catalog.Details{Title: "later"}, noon)
	_, err := p.A.Relay(t.Context(), "a", 10, func(facts []catalog.Snapshot) ([]error, error) {
		if _, err := p.Dead.Requeue(t.Context(), l.ID); !errors.Is(err, catalog.ErrRelaying) {
			t.Errorf("got %v", err)
		}
		return make([]error, len(facts)), nil
	})
	ok(t, err)
	what, err := p.Dead.Requeue(t.Context(), l.ID)
	ok(t, err)
	same(t, what, catalog.Superseded)
}

func dropped(t *testing.T, p Post) {
	l := p.bury(t, "x")
	ok(t, p.Dead.Drop(t.Context(), l.ID))
	_, missing := p.Dead.Find(t.Context(), l.ID)
	_, gone := p.Dead.Requeue(t.Context(), l.ID)
	for _, err := range []error{missing, gone, p.Dead.Drop(t.Context(), l.ID)} {
		if !errors.Is(err, catalog.ErrNoLetter) {
			t.Errorf("got %v", err)
		}
	}
}

func listed(t *testing.T, p Post) {
	for _, id := range []catalog.ItemID{"x", "y", "z"} {
		p.bury(t, id)
	}
	var all []catalog.ItemID
	var after catalog.LetterID
	for _, want := range []int{2, 1, 0} {
		some, err := p.Dead.List(t.Context(), after, 2)
		ok(t, err)
		same(t, len(some), want)
		for _, l := range some {
			all, after = append(all, l.Item), l.ID
		}
	}
	if !slices.Equal(all, []catalog.ItemID{"x", "y", "z"}) {
		t.Fatal(all)
	}
}

func backlogTold(t *testing.T, p Post) {
	backlog := func() catalog.Backlog {
		b, err := p.A.Backlog(t.Context())
		ok(t, err)
		return b
	}
	same(t, backlog(), catalog.Backlog{})
	p.bury(t, "x")
	same(t, backlog(), catalog.Backlog{Dead: 1})
	publish(t, p.Items, "x", catalog.Details{Title: "later"}, noon)
	relay(t, p.A, "a", 10)
	same(t, backlog(), catalog.Backlog{Stale: 1})
	publish(t, p.Items, "y", full(), time.Now().Add(-time.Hour))
	publish(t, p.Items, "z", full(), time.Now())
	b := backlog()
	if b.Pending != 2 || b.Oldest < 59*time.Minute || b.Oldest > 61*time.Minute {
		t.Fatalf("got %+v", b)
	}
}
