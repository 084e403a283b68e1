package kafkastore_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet/freshet/adapters/kafkastore"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/copying"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/engagement/engagementtest"
)

var (
	_ audience.Recollection = (*kafkastore.Recollection)(nil)
	_ remembering.Repairs   = (*kafkastore.Repairs)(nil)
	_ erasing.Store         = (*kafkastore.Eraser)(nil)
)

// copied is an Intake that is copied before it is read.
type copied struct {
	*kafkastore.Intake
	mu   sync.Mutex
	copy *copying.Copier
}

func (c *copied) Read(ctx context.Context, after engagement.Offset, limit int) ([]engagement.Logged, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.copy.Copy(ctx); err != nil {
		return nil, err
	}
	return c.Intake.Read(ctx, after, limit)
}

func (c *copied) Head(ctx context.Context) (engagement.Offset, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.copy.Copy(ctx); err != nil {
		return 0, err
	}
	return c.Intake.Head(ctx)
}

func TestIntakeOnceCopied(t *testing.T) {
	engagementtest.Log(t, func(t *testing.T) engagement.EventLog {
		db := database(t)
		l := open(t, broker(t), basedOn(db))
		return &copied{Intake: kafkastore.NewIntake(l, mysqlstore.NewEventLog(db)), copy: copier(l, db, "a")}
	})
}

func TestAnIDThatOnlyTheDatabaseRemembersIsKnown(t *testing.T) {
	db := database(t)
	past := mysqlstore.NewEventLog(db)
	_, err := past.Append(t.Context(), likes(0, 2), noon)
	require.NoError(t, err)
	l := open(t, broker(t), basedOn(db))
	in := kafkastore.NewIntake(l, past)
	_, err = in.Append(t.Context(), likes(2, 3), noon)
	require.NoError(t, err)
	known, err := in.Known(t.Context(), []engagement.EventID{"2", "9", "1", "2", "0", "8"})
	require.NoError(t, err)
	require.Equal(t, []bool{true, false, true, true, true, false}, known)
}

func TestWhatIsRecollectedMissesNothingThatWasAcknowledged(t *testing.T) {
	c, db := broker(t), database(t)
	here, there := open(t, c, basedOn(db)), open(t, c, basedOn(db))
	past := kafkastore.NewRecollection(there, mysqlstore.NewRecollection(db))
	_, err := here.Append(t.Context(), []engagement.Event{did("acts", "1"), did("acts", "2")}, noon)
	require.NoError(t, err)

	k, err := past.Recollect(t.Context(), "waits for nobody", time.Time{})
	require.NoError(t, err)
	require.Empty(t, k.Actions)
	_, err = past.Recollect(t.Context(), "acts", time.Time{})
	require.ErrorIs(t, err, copying.ErrBehind, "what it would say lacks something")
	var copying sync.WaitGroup
	defer copying.Wait()
	copying.Go(func() {
		time.Sleep(50 * time.Millisecond)
		_, err := copier(here, db, "here").Copy(t.Context())
		require.NoError(t, err)
		_, err = copier(there, db, "there").Copy(t.Context()) // whose turn it is not, and which hears of it
		require.NoError(t, err)
	})
	k, err = past.Recollect(t.Context(), "acts", time.Time{})
	require.NoError(t, err)
	require.Len(t, k.Actions, 2)
}

func TestWhoWasTouchedIncludesThoseWhoseEventsWereNotCopied(t *testing.T) {
	db := database(t)
	l := open(t, broker(t), basedOn(db))
	repairs := kafkastore.NewRepairs(l, mysqlstore.NewRepairs(db))
	_, err := l.Append(t.Context(), []engagement.Event{did("acts", "1")}, noon)
	require.NoError(t, err)
	_, err = repairs.Touched(t.Context(), noon, "", 10)
	require.ErrorIs(t, err, copying.ErrBehind)
	_, err = copier(l, db, "a").Copy(t.Context())
	require.NoError(t, err)
	touched, err := repairs.Touched(t.Context(), noon, "", 10)
	require.NoError(t, err)
	require.Equal(t, []audience.ViewerID{"acts"}, touched)
}

// bytesOf is all that the topic still gives to anybody.
func bytesOf(t *testing.T, c *kfake.Cluster) string {
	t.Helper()
	n := int(kept(t, c))
	client := plain(t, c, kgo.ConsumeTopics("freshet-events"))
	var all strings.Builder
	for n > 0 {
		fetched := client.PollFetches(t.Context())
		require.NoError(t, fetched.Err())
		fetched.EachRecord(func(r *kgo.Record) { all.Write(r.Value); n-- })
	}
	return all.String()
}

func TestAnErasureLeavesNothingInTheTopicAndTakesNothingFromOthers(t *testing.T) {
	c, db := broker(t), database(t)
	l, other := open(t, c, basedOn(db)), open(t, c, basedOn(db))
	copies := copier(l, db, "a")
	for _, e := range []engagement.Event{did("goes", "1"), did("stays", "2"), did("goes", "3")} {
		_, err := l.Append(t.Context(), []engagement.Event{e}, noon)
		require.NoError(t, err)
	}
	require.Contains(t, bytesOf(t, c), "goes")
	eraser := kafkastore.NewEraser(other)
	stop, stopped := context.WithCancel(t.Context())
	var copying sync.WaitGroup
	copying.Go(func() {
		for stop.Err() == nil {
			_, _ = copies.Copy(t.Context())
			_, _ = copier(other, db, "b").Copy(t.Context())
			time.Sleep(time.Millisecond)
		}
	})
	defer copying.Wait()
	defer stopped()
	removed, err := eraser.Erase(t.Context(), "goes")
	require.NoError(t, err)
	require.Equal(t, []erasing.Removed{{Store: "kafka", What: "records", Count: 3}}, removed)
	require.Empty(t, bytesOf(t, c))
	require.Len(t, all(t, db), 3, "what was on its way is where the next store finds it")
	removed, err = eraser.Erase(t.Context(), "goes")
	require.NoError(t, err)
	require.Zero(t, removed[0].Count)

	_, err = mysqlstore.NewDossier(db).Erase(t.Context(), "goes")
	require.NoError(t, err)
	for _, one := range []*kafkastore.Log{l, other, open(t, c, basedOn(db))} {
		known, err := one.Known(t.Context(), []engagement.EventID{"1", "2", "3"})
		require.NoError(t, err)
		require.Equal(t, []bool{false, false, false}, known, "not even the ids are remembered")
	}
	fresh, err := l.Append(t.Context(), []engagement.Event{did("goes", "1"), did("stays", "2"), did("stays", "4")}, noon)
	require.NoError(t, err)
	require.Equal(t, []bool{true, true, true}, fresh)
	require.Eventually(t, func() bool { return len(all(t, db)) == 3 }, 10*time.Second, 5*time.Millisecond)
	require.Equal(t, []string{"2", "1", "4"}, ids(all(t, db)), "somebody who comes again is new, and what was stored is stored once")
}

func TestAnErasureThatNobodyCopiesForFails(t *testing.T) {
	db := database(t)
	l := open(t, broker(t), basedOn(db))
	_, err := l.Append(t.Context(), likes(0, 1), noon)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = kafkastore.NewEraser(l).Erase(ctx, "v")
	require.ErrorIs(t, err, copying.ErrBehind)
}
