package capturing_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/capturing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/test/world"
)

var ctx = context.Background()

// script is a log that says what a test wrote down.
type script struct {
	newest  string
	batches []capturing.Batch
	errs    []error // for Next, before the batches
	opened  []string
	closed  int
}

func (s *script) Newest(context.Context) (string, error) { return s.newest, nil }

func (s *script) Open(_ context.Context, at string) (capturing.Tail, error) {
	s.opened = append(s.opened, at)
	return s, nil
}

func (s *script) Next(context.Context, time.Duration) (capturing.Batch, error) {
	if len(s.errs) > 0 {
		err := s.errs[0]
		s.errs = s.errs[1:]
		return capturing.Batch{}, err
	}
	if len(s.batches) == 0 {
		return capturing.Batch{}, nil
	}
	b := s.batches[0]
	s.batches = s.batches[1:]
	return b, nil
}

func (s *script) Close() { s.closed++ }

type desk struct {
	w       *world.World
	p       *world.Process
	log     *script
	points  *mysqlstore.Checkpoints
	capture *capturing.Capture
	stream  world.Breaker
	gaps    []string
	refused map[catalog.ItemID]error
}

func newDesk(t *testing.T) *desk {
	d := &desk{w: world.New(t), log: &script{newest: "p0"}, refused: map[catalog.ItemID]error{}}
	d.p = d.w.Process()
	items := mysqlstore.NewItems(d.w.DB, d.w.Numbers)
	d.points = mysqlstore.NewCheckpoints(d.w.DB)
	stream := world.Stream{Changes: redisstore.NewChanges(d.w.Redis), Breaker: &d.stream}
	adoption := capturing.NewAdoption(items, d.w.Clock.Now, func(id catalog.ItemID, err error) { d.refused[id] = err })
	d.capture = capturing.NewCapture(d.log, d.points, stream, adoption, d.p.Known, "one", d.w.Clock.Now, capturing.Watch{
		Gap: func(_, why string) { d.gaps = append(d.gaps, why) },
	})
	t.Cleanup(func() { require.NoError(t, d.capture.Close(ctx)) })
	return d
}

func (d *desk) follow(t *testing.T, want int) {
	t.Helper()
	n, err := d.capture.Follow(ctx)
	require.NoError(t, err)
	require.Equal(t, want, n)
}

func (d *desk) kept(t *testing.T) string {
	t.Helper()
	_, at, err := d.points.Take(ctx, "one", time.Minute)
	require.NoError(t, err)
	return at
}

func (d *desk) put(t *testing.T, id catalog.ItemID) capturing.Told {
	t.Helper()
	_, err := d.p.Items.Put(ctx, id, catalog.Details{Title: "T"})
	require.NoError(t, err)
	s, err := d.p.Items.Get(ctx, id)
	require.NoError(t, err)
	return capturing.Told{Seq: int64(s.Number), Item: s} // the first of each database
}

func TestReadingBeginsAtTheNewestPositionWithAGap(t *testing.T) {
	d := newDesk(t)
	d.follow(t, 0)
	require.Equal(t, "p0", d.kept(t))
	require.Len(t, d.gaps, 1)
	gaps, err := d.points.Gaps(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 1, gaps)
	d.follow(t, 0)
	require.Equal(t, []string{"p0"}, d.log.opened)
}

func TestThePlaceIsKeptOnceEverythingBeforeItIsDone(t *testing.T) {
	d := newDesk(t)
	d.follow(t, 0)
	told := d.put(t, "a")
	batch := capturing.Batch{Position: "p1", Told: []capturing.Told{told}, Foreign: true}
	d.log.batches = []capturing.Batch{batch}
	d.stream.Set(world.Fails)
	_, err := d.capture.Follow(ctx)
	require.ErrorIs(t, err, world.ErrBroken)
	require.Equal(t, "p0", d.kept(t))
	require.Equal(t, 1, d.log.closed)

	d.stream.Set(world.Works)
	d.log.batches = []capturing.Batch{batch}
	d.follow(t, 1)
	require.Equal(t, "p1", d.kept(t))
	require.Equal(t, []string{"p0", "p0"}, d.log.opened, "it was read again from there")
	waiting, err := mysqlstore.NewOutbox(d.w.DB).Backlog(ctx)
	require.NoError(t, err)
	require.Zero(t, waiting.Pending, "what was told leaves the outbox")
}

// What the stream refuses stays in the outbox, where the relay counts its failures; reading goes on.
func TestAFactThatCannotBeToldIsLeftToTheRelay(t *testing.T) {
	d := newDesk(t)
	d.follow(t, 0)
	good, bad := d.put(t, "a"), d.put(t, "bad")
	later := bad
	later.Seq, later.Item.Version = 3, 2
	bad.Item.Details.Payload = make([]byte, 2<<20)
	d.w.SQL("UPDATE outbox SET payload = zeroblob(2000000) WHERE id = 'bad'")
	d.log.batches = []capturing.Batch{{Position: "p1", Told: []capturing.Told{bad, later, good}, Unread: 1, Foreign: true}}
	d.follow(t, 4)
	require.Equal(t, "p1", d.kept(t))
	require.Len(t, d.gaps, 1, "the first")
	require.Equal(t, 3, d.capture.Stats().Left, "with one that waits behind it and one that could not be read")
	require.Eventually(t, func() bool {
		_, err := d.p.Relay.Drain(ctx)
		require.NoError(t, err)
		return d.p.Relay.Stats().Buried == 1
	}, 30*time.Second, 5*time.Millisecond)
	told, _, err := redisstore.NewChanges(d.w.Redis).Follow(ctx, "", 10, 0)
	require.NoError(t, err)
	require.Len(t, told, 1)
	require.Equal(t, catalog.ItemID("a"), told[0].ID)
}

// What the log tells first overtakes what the relay still tries.
func TestATrialIsOvertakenByWhatTheLogTells(t *testing.T) {
	d := newDesk(t)
	d.follow(t, 0)
	d.put(t, "a")
	d.w.SQL("UPDATE outbox SET details = '?'")
	_, err := d.p.Relay.Drain(ctx)
	require.NoError(t, err)
	_, err = d.p.Items.Put(ctx, "a", catalog.Details{Title: "later"})
	require.NoError(t, err)
	s, err := d.p.Items.Get(ctx, "a")
	require.NoError(t, err)
	d.log.batches = []capturing.Batch{{Position: "p1", Told: []capturing.Told{{Seq: 2, Item: s}}}}
	d.follow(t, 1)
	require.Eventually(t, func() bool {
		_, err := d.p.Relay.Drain(ctx)
		require.NoError(t, err)
		return d.p.Relay.Stats().Buried == 1
	}, 30*time.Second, 5*time.Millisecond)
	what, err := mysqlstore.NewDeadLetters(d.w.DB).Requeue(ctx, 1)
	require.NoError(t, err)
	require.Equal(t, catalog.Superseded, what)
}

func TestThePlaceIsKeptNowAndThenWhileOthersWrite(t *testing.T) {
	d := newDesk(t)
	d.follow(t, 0)
	d.log.batches = []capturing.Batch{{Position: "p1", Foreign: true}}
	d.follow(t, 0)
	require.Equal(t, "p0", d.kept(t))
	d.w.Clock.Advance(10 * time.Second)
	d.follow(t, 0)
	require.Equal(t, "p1", d.kept(t))
	d.log.batches = []capturing.Batch{{Position: "p2"}} // what the reader itself put down
	d.w.Clock.Advance(time.Hour)
	d.follow(t, 0)
	require.Equal(t, "p1", d.kept(t), "which is not put down in turn")
}

func TestALogThatIsGoneIsAGap(t *testing.T) {
	d := newDesk(t)
	d.follow(t, 0)
	d.log.newest, d.log.errs = "p9", []error{capturing.ErrGone}
	d.follow(t, 0)
	require.Equal(t, "p9", d.kept(t))
	require.Len(t, d.gaps, 2)
	d.log.newest, d.log.batches = "p20", []capturing.Batch{{Position: "p10", Missed: "a reason"}}
	d.follow(t, 0)
	require.Equal(t, "p20", d.kept(t))
	require.Equal(t, "a reason", d.gaps[2])
}

func TestWhoLostTheRightToReadStops(t *testing.T) {
	d := newDesk(t)
	d.follow(t, 0)
	_, _, err := d.points.Take(ctx, "one", 0)
	require.NoError(t, err)
	has, _, err := d.points.Take(ctx, "two", time.Minute)
	require.NoError(t, err)
	require.True(t, has)
	told := d.put(t, "a")
	d.log.batches = []capturing.Batch{{Position: "p1", Told: []capturing.Told{told}}}
	_, err = d.capture.Follow(ctx) // it does not know yet
	require.NoError(t, err)
	require.False(t, d.capture.Stats().Reading)
	d.follow(t, 0)
	require.False(t, d.capture.Stats().Reading)
	require.NoError(t, d.points.Give(ctx, "two"))
	d.follow(t, 0)
	require.True(t, d.capture.Stats().Reading)
	require.Equal(t, "p0", d.log.opened[len(d.log.opened)-1])
}

func TestViewersChangedInSQLAreFilledAnew(t *testing.T) {
	d := newDesk(t)
	d.follow(t, 0)
	fast := redisstore.NewRemembrance(d.w.Redis)
	_, err := d.p.Known.Fill(ctx, "v")
	require.NoError(t, err)
	d.log.batches = []capturing.Batch{{Position: "p1", Viewers: []audience.ViewerID{"v"}}}
	d.follow(t, 1)
	_, known, err := fast.Recall(ctx, "v")
	require.NoError(t, err)
	require.False(t, known)
}

func TestChangesAreAdoptedOnceAndWhatIsNoItemIsRefused(t *testing.T) {
	d := newDesk(t)
	d.follow(t, 0)
	a := d.put(t, "a").Item
	d.put(t, "b")
	batch := capturing.Batch{Position: "p1", Changed: []capturing.Change{
		{ID: "a", Number: a.Number, Floor: 1}, {ID: "bad/id", Number: 99, Floor: 1}, {ID: "gone", Number: a.Number, Floor: 5},
	}}
	d.log.batches = []capturing.Batch{batch, batch}
	d.follow(t, 3)
	d.follow(t, 3)
	require.Len(t, d.refused, 1)
	require.ErrorIs(t, d.refused["bad/id"], catalog.ErrID)
	rows, err := mysqlstore.NewItems(d.w.DB, d.w.Numbers).Scan(ctx, time.Time{}, 0, 10)
	require.NoError(t, err)
	versions := map[catalog.ItemID]uint64{}
	for _, row := range rows {
		versions[row.ID] = row.Version
		if row.ID == "gone" {
			require.Equal(t, catalog.Removed, row.State)
			require.NotEqual(t, a.Number, row.Number, "another item has that number")
		}
	}
	require.Equal(t, map[catalog.ItemID]uint64{"a": 2, "b": 1, "gone": 6}, versions)
}
