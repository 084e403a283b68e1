package capturing

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/freshet/freshet/application/relaying"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

const (
	// turn is how long the fleet waits for a reader that died; it is renewed well before.
	turn  = 5 * time.Second
	renew = time.Second
	// followWait is how long one run waits for something to come.
	followWait = time.Second
	// keepEvery is how often the position is put down while others write what does not concern us. What concerns us is
	// put down at once.
	keepEvery = 10 * time.Second
	// fastLife is how long a fast copy of a viewer lives without use, and more.
	fastLife = 31 * 24 * time.Hour
)

// Watch hears of what an operator should know; nil parts hear nothing. It is called by one goroutine.
type Watch struct {
	Gap func(position string, why string)
}

// Capture reads the log: facts go to the stream, items changed in SQL are adopted, viewers changed in SQL have their fast
// copy filled anew. One instance at a time does it; Follow of the others finds nothing to do.
type Capture struct {
	log      Log
	points   Checkpoints
	stream   catalog.Changes
	adoption *Adoption
	known    *remembering.Viewers
	owner    string
	clock    func() time.Time
	watch    Watch

	tail     Tail
	position string    // all up to here is done
	kept     time.Time // when a position was put down last
	renewed  time.Time // when the right to read was taken last, zero: to be taken before anything else
	held     bool      // it may be ours
	unkept   bool      // something that is not ours came after what was put down

	mu    sync.Mutex
	stats Stats
}

// NewCapture gives the reader a name that no other instance has.
func NewCapture(log Log, points Checkpoints, stream catalog.Changes, adoption *Adoption, known *remembering.Viewers, owner string, clock func() time.Time, watch Watch) *Capture {
	if watch.Gap == nil {
		watch.Gap = func(string, string) {}
	}
	return &Capture{
		log: log, points: points, stream: stream, adoption: adoption, known: known, owner: owner, clock: clock, watch: watch,
		stats: Stats{Rows: map[Kind]int{}},
	}
}

// Follow does what comes next in the log, waiting up to a second for it, and returns how many changes that were. It is
// not called beside itself. After an error it goes on from what was put down last.
func (c *Capture) Follow(ctx context.Context) (int, error) {
	n, err := c.follow(ctx)
	if errors.Is(err, ErrGone) {
		err = c.skip(ctx, err.Error())
	}
	if err != nil {
		c.drop()
	}
	if errors.Is(err, ErrTaken) {
		return n, nil
	}
	return n, err
}

func (c *Capture) follow(ctx context.Context) (int, error) {
	if has, err := c.take(ctx); err != nil || !has {
		c.drop()
		if err == nil {
			c.count(func(s *Stats) { s.Behind = time.Time{} }) // that is the other's to tell
			pause(ctx, followWait)
		}
		return 0, err
	}
	if c.tail == nil {
		if c.position == "" {
			return 0, c.skip(ctx, "reading begins")
		}
		tail, err := c.log.Open(ctx, c.position)
		if err != nil {
			return 0, err
		}
		c.tail = tail
		c.count(func(s *Stats) { s.Opened++ })
	}
	batch, err := c.tail.Next(ctx, followWait)
	if err != nil {
		return 0, err
	}
	return c.do(ctx, batch)
}

// take takes the right to read or, in time, takes it again.
func (c *Capture) take(ctx context.Context) (bool, error) {
	now := c.clock()
	if !c.renewed.IsZero() && now.Sub(c.renewed) < renew {
		return true, nil
	}
	c.held = true
	has, position, err := c.points.Take(ctx, c.owner, turn)
	if err != nil || !has {
		c.held = err != nil
		return false, err
	}
	if c.renewed.IsZero() {
		c.position, c.kept, c.unkept = position, now, false
	}
	c.renewed = now
	c.count(func(s *Stats) { s.Reading = true })
	return true, nil
}

// still keeps the right to read while much is to be done.
func (c *Capture) still(ctx context.Context) error {
	has, err := c.take(ctx)
	if err == nil && !has {
		return ErrTaken
	}
	return err
}

func (c *Capture) do(ctx context.Context, b Batch) (int, error) {
	if !b.At.IsZero() {
		c.count(func(s *Stats) { s.Behind = b.At })
	}
	told, err := c.publish(ctx, b.Told)
	if err != nil {
		return 0, err
	}
	for some := range slices.Chunk(b.Changed, adoptBatch) {
		if err := c.still(ctx); err != nil {
			return 0, err
		}
		if err := c.adoption.Adopt(ctx, some); err != nil {
			return 0, err
		}
	}
	for some := range slices.Chunk(b.Viewers, adoptBatch) {
		if err := c.still(ctx); err != nil {
			return 0, err
		}
		if err := c.known.Refresh(ctx, some); err != nil {
			return 0, err
		}
	}
	n := len(b.Told) + b.Unread + len(b.Changed) + len(b.Viewers)
	c.note(b)
	if b.Position != "" {
		c.position = b.Position
	}
	if b.Missed != "" {
		return n, c.skip(ctx, b.Missed)
	}
	return n, c.keep(ctx, b, told, n > 0)
}

// publish delivers the facts and returns the places of those that were: the others stay in the outbox, and are the
// relay's to try again and to give up. It is bounded, so that a stream that hangs costs less than the right to read.
func (c *Capture) publish(ctx context.Context, facts []Told) (told []int64, err error) {
	if len(facts) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, turn-renew)
	defer cancel()
	items := make([]catalog.Snapshot, len(facts))
	for i := range facts {
		items[i] = facts[i].Item
	}
	outcomes, err := relaying.Deliver(ctx, c.stream, items)
	if err != nil {
		return nil, err
	}
	for i, outcome := range outcomes {
		if outcome == nil {
			told = append(told, facts[i].Seq)
		}
	}
	c.count(func(s *Stats) { s.Left += len(facts) - len(told) })
	return told, nil
}

func (c *Capture) keep(ctx context.Context, b Batch, told []int64, did bool) error {
	c.unkept = c.unkept || b.Foreign
	due := c.unkept && c.clock().Sub(c.kept) >= keepEvery
	if !did && !due {
		return nil
	}
	if err := c.points.Keep(ctx, c.owner, c.position, told); err != nil {
		return err
	}
	c.kept, c.unkept = c.clock(), false
	return nil
}

// skip begins at the newest position. What was changed before it and not read is found by every instance in the tables
// (see Review), and viewers' fast copies are filled anew. All of it is repeated if it fails.
func (c *Capture) skip(ctx context.Context, why string) error {
	at, err := c.log.Newest(ctx)
	if err != nil {
		return err
	}
	if err := c.doubt(ctx, c.clock().Add(-fastLife)); err != nil {
		return err
	}
	if err := c.points.Skip(ctx, c.owner, at); err != nil {
		return err
	}
	c.closeTail()
	c.position, c.kept, c.unkept = at, c.clock(), false
	c.count(func(s *Stats) { s.Gaps++ })
	c.watch.Gap(at, why)
	return nil
}

func (c *Capture) doubt(ctx context.Context, since time.Time) error {
	var last audience.ViewerID
	for {
		if err := c.still(ctx); err != nil {
			return err
		}
		var err error
		if last, err = c.known.Doubt(ctx, since, last); err != nil || last == "" {
			return err
		}
	}
}

// drop stops reading; what was put down last is read again by whoever has the right to read then.
func (c *Capture) drop() {
	c.closeTail()
	c.renewed = time.Time{}
	c.count(func(s *Stats) { s.Reading = false })
}

func (c *Capture) closeTail() {
	if c.tail != nil {
		c.tail.Close()
		c.tail = nil
	}
}

// Close stops reading and lets another instance go on at once. Follow is not called after it.
func (c *Capture) Close(ctx context.Context) error {
	c.drop()
	if !c.held {
		return nil
	}
	return c.points.Give(ctx, c.owner)
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
