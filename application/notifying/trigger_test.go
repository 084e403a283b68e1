package notifying_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/notifying"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/test/databases"
)

// paper is a queue that writes down what it takes.
type paper struct {
	mu    sync.Mutex
	taken []notifying.Task
	fails error
	cut   func()

	forgotten []notifying.Subject
}

func (p *paper) Enqueue(ctx context.Context, t notifying.Task, _ time.Duration) (notifying.Outcome, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fails != nil {
		return 0, p.fails
	}
	if p.cut != nil {
		p.cut()
	}
	p.taken = append(p.taken, t)
	return notifying.Enqueued, ctx.Err()
}

func (p *paper) Forget(_ context.Context, s notifying.Subject) (int, error) {
	if p.fails != nil {
		return 0, p.fails
	}
	p.forgotten = append(p.forgotten, s)
	return 0, nil
}

// bench is a log, and instances that make tasks of it.
type bench struct {
	t     *testing.T
	db    *mysqlstore.DB
	log   *mysqlstore.EventLog
	now   time.Time
	queue paper
	sent  int
}

func newBench(t *testing.T) *bench {
	db, err := mysqlstore.Open(t.Context(), mysqlstore.Options{Path: databases.SQLite(t, "log")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return &bench{t: t, db: db, log: mysqlstore.NewEventLog(db), now: noon}
}

// pool are the interests of the tests: likes concern both, follows the author alone.
var pool = notifying.Interest{
	Viewer: map[audience.Act]bool{audience.Like: true},
	Author: map[audience.Act]bool{audience.Like: true, audience.FollowAuthor: true},
}

func (b *bench) instance(name string) *notifying.Trigger {
	index := memindex.New()
	b.t.Helper()
	return notifying.NewTrigger(b.log, mysqlstore.NewProgress(b.db), &b.queue, index, pool,
		notifying.Rule{Window: window, Current: 200 * ms, Most: 100}, name, func() time.Time { return b.now })
}

// record appends events of the viewer about an author, received so long ago.
func (b *bench) record(viewer string, act audience.Act, author string, n int, ago time.Duration) {
	b.t.Helper()
	events := make([]engagement.Event, n)
	for i := range events {
		b.sent++
		events[i] = engagement.Event{
			ID: engagement.EventID(fmt.Sprint("e", b.sent)), Viewer: audience.ViewerID(viewer), Act: act, Item: "unknown",
			Author: catalog.AuthorID(author), At: b.now,
		}
	}
	_, err := b.log.Append(b.t.Context(), events, b.now.Add(-ago))
	require.NoError(b.t, err)
}

func (b *bench) follow(tr *notifying.Trigger) {
	b.t.Helper()
	_, err := tr.Follow(b.t.Context())
	require.NoError(b.t, err)
}

func (b *bench) pass(d time.Duration) { b.now = b.now.Add(d) }

// told lists subjects and up to where.
func (b *bench) told() (all []string) {
	for _, k := range b.queue.taken {
		all = append(all, fmt.Sprintf("%s %s %d/%d", k.Kind, k.ID, k.Events, k.UpTo))
	}
	b.queue.taken = nil
	return all
}

func TestABurstIsAtMostTwoTasksForEachSubject(t *testing.T) {
	b := newBench(t)
	one := b.instance("one")
	b.follow(one)
	b.record("ann", audience.Like, "ben", 20, 0)
	b.follow(one)
	require.ElementsMatch(t, []string{"viewer ann 20/20", "author ben 20/20"}, b.told())
	for range 3 {
		b.pass(50 * ms)
		b.record("ann", audience.Like, "ben", 10, 0)
		b.follow(one)
	}
	require.Empty(t, b.told())
	b.pass(150 * ms)
	b.follow(one)
	require.ElementsMatch(t, []string{"viewer ann 30/50", "author ben 30/50"}, b.told())
	b.pass(time.Hour)
	b.follow(one)
	require.Empty(t, b.told())
}

func TestActsConcernWhomTheyAreSaidTo(t *testing.T) {
	b := newBench(t)
	one := b.instance("one")
	b.follow(one)
	b.record("ann", audience.FollowAuthor, "ben", 1, 0)
	b.record("ann", audience.Skip, "ben", 1, 0)
	b.record("cat", audience.Like, "", 1, 0) // nobody knows whose item that is
	b.follow(one)
	require.ElementsMatch(t, []string{"author ben 1/1", "viewer cat 1/3"}, b.told())
}

func TestOldEventsWaitForTheEndOfAWindow(t *testing.T) {
	b := newBench(t)
	one := b.instance("one")
	b.follow(one)
	b.record("ann", audience.Like, "", 3, 200*ms)
	b.follow(one)
	require.Empty(t, b.told())
	require.Equal(t, 200*ms, one.Stats().Behind)
	b.pass(window)
	b.follow(one)
	require.Equal(t, []string{"viewer ann 3/3"}, b.told())
	require.Zero(t, one.Stats().Behind)
}

func TestTheFirstInstanceEverBeginsWithWhatComes(t *testing.T) {
	b := newBench(t)
	b.record("ann", audience.Like, "", 3, 0)
	one := b.instance("one")
	b.follow(one)
	require.Empty(t, b.told())
	b.record("ann", audience.Like, "", 1, 0)
	b.follow(one)
	require.Equal(t, []string{"viewer ann 1/4"}, b.told())
}

func TestOneInstanceMakesTasksAndAnotherGoesOnWhenItIsGone(t *testing.T) {
	b := newBench(t)
	one, two := b.instance("one"), b.instance("two")
	b.follow(one)
	b.follow(two)
	b.record("ann", audience.Like, "", 1, 0)
	b.follow(two)
	require.Empty(t, b.told())
	b.follow(one)
	require.Equal(t, []string{"viewer ann 1/1"}, b.told())
	require.True(t, one.Stats().Leads)
	require.False(t, two.Stats().Leads)
	b.record("ann", audience.Like, "", 2, 0) // waits in a window of one when that ends
	b.follow(one)
	require.NoError(t, one.Close(t.Context()))
	require.Empty(t, b.told())
	b.pass(time.Second)
	b.follow(two)
	require.True(t, two.Stats().Leads)
	b.pass(window)
	b.follow(two)
	require.Equal(t, []string{"viewer ann 2/3"}, b.told())
}

// What one had not put down as done when it was killed, two does again: nothing is missing, and what is repeated was enqueued within
// the last second.
func TestNothingIsLostWhenAnInstanceIsKilled(t *testing.T) {
	b := newBench(t)
	one, two := b.instance("one"), b.instance("two")
	b.follow(one)
	b.record("early", audience.Like, "", 1, 0)
	b.pass(2 * time.Second)
	b.follow(one)
	b.pass(2 * time.Second)
	b.follow(one) // puts down that early is told
	require.Equal(t, []string{"viewer early 1/1"}, b.told())
	b.record("late", audience.Like, "", 1, 0)
	b.record("ann", audience.Like, "", 1, 0)
	b.follow(one)
	require.Len(t, b.told(), 2)
	b.record("waits", audience.Like, "", 1, 0)
	expire(t, b)
	b.follow(two)
	b.pass(window)
	b.follow(two)
	require.ElementsMatch(t, []string{"viewer late 1/2", "viewer ann 1/3", "viewer waits 1/4"}, b.told())
	b.pass(time.Minute)
	b.record("ann", audience.Like, "", 1, 0)
	b.follow(one)
	require.Empty(t, b.told(), "it notices that it is not the one any more")
	require.False(t, one.Stats().Leads)
}

func TestWhatCameBetweenTheFirstInstanceEverAndTheNextIsTold(t *testing.T) {
	b := newBench(t)
	b.follow(b.instance("one"))
	b.record("ann", audience.Like, "", 1, 0)
	expire(t, b)
	two := b.instance("two")
	b.follow(two)
	require.Equal(t, []string{"viewer ann 1/1"}, b.told())
}

// expire ends the lease as time would.
func expire(t *testing.T, b *bench) {
	_, _, err := mysqlstore.NewProgress(b.db).Take(t.Context(), "one", 0)
	require.NoError(t, err)
}

func TestWhileTheQueueIsGoneEventsWaitInTheLog(t *testing.T) {
	b := newBench(t)
	one := b.instance("one")
	b.follow(one)
	b.queue.fails = notifying.ErrUnavailable
	for i := range 120 { // more than may have a window
		b.record(fmt.Sprint("v", i), audience.Like, "", 1, 0)
	}
	for range 30 {
		_, err := one.Follow(t.Context())
		require.ErrorIs(t, err, notifying.ErrUnavailable)
		b.pass(time.Second)
		require.LessOrEqual(t, one.Stats().Open, int64(100))
	}
	require.Positive(t, one.Stats().Refused)
	b.queue.fails = nil
	for range 30 {
		b.follow(one)
		b.pass(time.Second)
	}
	told := b.told()
	require.Len(t, told, 120)
	require.Contains(t, told, "viewer v119 1/120")
	require.Equal(t, int64(120), one.Stats().Events)
}

func TestWhoIsHeldComesAgainWithTheNextWindow(t *testing.T) {
	b := newBench(t)
	one := b.instance("one")
	b.follow(one)
	b.record("ann", audience.Like, "", 1, 0)
	b.queue.fails = notifying.ErrHeld
	b.follow(one)
	require.Equal(t, int64(1), one.Stats().Held)
	b.queue.fails = nil
	b.pass(window - 1)
	b.record("ann", audience.Like, "", 1, 0)
	b.follow(one)
	require.Empty(t, b.told())
	b.pass(1)
	b.follow(one)
	require.Equal(t, []string{"viewer ann 2/2"}, b.told())
}

func TestAForgottenViewerIsNotOnTheWayAnyMore(t *testing.T) {
	b := newBench(t)
	one := b.instance("one")
	b.follow(one)
	b.record("ann", audience.Like, "ben", 1, time.Second)
	b.follow(one)
	_, err := one.Erase(t.Context(), "ann")
	require.NoError(t, err)
	_, err = one.Erase(t.Context(), "cat")
	require.NoError(t, err)
	b.pass(time.Second)
	b.queue.fails = notifying.ErrUnavailable
	_, err = one.Follow(t.Context())
	require.ErrorIs(t, err, notifying.ErrUnavailable, "nothing is enqueued before they are forgotten")
	require.Empty(t, b.told())
	b.queue.fails = nil
	b.follow(one)
	require.Equal(t, []string{"author ben 1/1"}, b.told())
	b.follow(one)
	require.Equal(t, []notifying.Subject{ann, {Kind: notifying.Viewer, ID: "cat"}}, b.queue.forgotten)
}

func TestAStepThatIsCutShortDoesNotCountAsDone(t *testing.T) {
	b := newBench(t)
	one := b.instance("one")
	b.follow(one)
	b.record("ann", audience.Like, "", 1, 0)
	ctx, cancel := context.WithCancel(t.Context())
	b.queue.cut = cancel
	_, err := one.Follow(ctx)
	require.True(t, errors.Is(err, context.Canceled), "%v", err)
	b.queue.cut = nil
	b.told()
	b.follow(one)
	require.Equal(t, []string{"viewer ann 1/1"}, b.told())
}
