package learning_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

var dawn = time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)

// school is an instance that learns, without stores: what a process has in memory.
type school struct {
	index    *memindex.Index
	model    *memindex.Learner
	pipeline *recommend.Pipeline
	student  *learning.Student
	room     *learning.WaitingRoom
}

func schoolFeed() recommend.Definition {
	return recommend.Definition{
		Name:    "for-you",
		Sources: []recommend.SourceUse{{Name: "sequence", Limit: 20}, {Name: "trending", Limit: 10}, {Name: "affinity", Limit: 10}, {Name: "explore", Limit: 3}},
		Weights: map[string]float32{"sequence_log": 0.4, "popular_day": 0.2, "known": -0.2},
		Learned: []string{"sequence_log", "history_log", "popular_day", "popular_hour", "known", "tag_affinity"},
		Order:   recommend.ByValue, Supply: recommend.FromCatalogue,
		Arrange: recommend.Arrangement{AuthorShare: 1, TagShare: 1, FatigueHalf: time.Minute},
		Rest:    recommend.Rest{Consumed: 24 * time.Hour},
	}
}

func stocked(items int) *memindex.Index {
	x := memindex.New()
	for n := range items {
		x.Apply([]catalog.Snapshot{{ID: itemOf(n), Number: catalog.Number(n + 1), Version: 1, State: catalog.Published,
			Details: catalog.Details{Author: catalog.AuthorID(fmt.Sprint("a", n%5)), Tags: []string{fmt.Sprint("t", n%4)}, PublishedAt: dawn.Add(-time.Duration(n) * time.Hour)}}})
	}
	return x
}

func itemOf(n int) catalog.ItemID { return catalog.ItemID(fmt.Sprint("item-", n)) }

var weights = engagement.DefaultWeights()

func worth(a audience.Action) float32 { return weights.Worth(a.Act, a.Watched, a.Duration) }

func newSchool(t require.TestingT, items int, o learning.StudentOptions) *school {
	s := &school{index: stocked(items)}
	s.model = memindex.NewLearner(s.index, engagement.DefaultWeights(), memindex.Options{})
	var err error
	s.pipeline, err = recommend.NewPipeline(schoolFeed(), s.index, s.model, recommend.Untrained{})
	require.NoError(t, err)
	s.student = learning.NewStudent(s.model, s.model, s.index, worth, o, s.pipeline)
	s.room = learning.NewWaitingRoom(s.student, s.index, 100)
	return s
}

// did makes an event of the log.
func did(offset int, viewer string, act audience.Act, item int, at time.Time) engagement.Logged {
	return engagement.Logged{Offset: engagement.Offset(offset), Received: at, Event: engagement.Event{
		ID: engagement.EventID(fmt.Sprint("e", offset)), Viewer: audience.ViewerID(viewer), Act: act, Item: itemOf(item), At: at,
	}}
}

// diary is a feed that writes down what it is asked to study.
type diary struct {
	asked []study
}

type study struct {
	chosen  recommend.Ordinal
	actions []audience.Action
	met     []catalog.Number
}

func (d *diary) Study(q *recommend.Query, chosen recommend.Ordinal) recommend.Lesson {
	s := study{chosen: chosen, actions: append([]audience.Action(nil), q.Knowledge.Actions...)}
	for _, m := range q.Knowledge.Memory.Consumed {
		s.met = append(s.met, m.Item)
	}
	d.asked = append(d.asked, s)
	return recommend.Lesson{Found: true}
}

// shelfLog is a log in memory.
type shelfLog struct {
	engagement.EventLog
	events []engagement.Logged
}

func (l *shelfLog) Head(context.Context) (engagement.Offset, error) {
	return engagement.Offset(len(l.events)), nil
}

func (l *shelfLog) Read(_ context.Context, after engagement.Offset, limit int) ([]engagement.Logged, error) {
	from := min(int(after), len(l.events))
	return l.events[from:min(len(l.events), from+limit)], nil
}

// drawer is learning.Snapshots in memory.
type drawer struct{ held []byte }

func (d *drawer) Replace(write func(io.Writer) error) (int64, error) {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return 0, err
	}
	d.held = b.Bytes()
	return int64(b.Len()), nil
}

func (d *drawer) Open() (io.ReadCloser, error) {
	if d.held == nil {
		return nil, learning.ErrNoSnapshot
	}
	return io.NopCloser(bytes.NewReader(d.held)), nil
}

func (d *drawer) Remove() error {
	d.held = nil
	return nil
}

// heldBlends is recommend.BlendStore in memory.
type heldBlends struct {
	mu   sync.Mutex
	held map[string]recommend.KeptBlend
	err  error
}

func (h *heldBlends) Load(_ context.Context, feed, key string) (recommend.KeptBlend, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	kept, known := h.held[feed+" "+key]
	if h.err == nil && !known {
		return kept, recommend.ErrBlendNotFound
	}
	return kept, h.err
}

func (h *heldBlends) Save(_ context.Context, feed, key string, b recommend.KeptBlend) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held == nil {
		h.held = map[string]recommend.KeptBlend{}
	}
	if h.held[feed+" "+key].UpTo < b.UpTo {
		h.held[feed+" "+key] = b
	}
	return h.err
}

func (s *school) notebook(d learning.Snapshots, log engagement.EventLog, ignored func(error)) *learning.Notebook {
	return learning.NewNotebook(s.room, s.model, d, log, erasing.NewHeard(&notices{}), func() time.Time { return dawn }, ignored)
}

func ordinalOf(t *testing.T, x *memindex.Index, item int) recommend.Ordinal {
	t.Helper()
	var at [1]recommend.Ordinal
	x.View().Locate([]catalog.ItemID{itemOf(item)}, at[:])
	require.NotEqual(t, recommend.Nowhere, at[0])
	return at[0]
}

// notices are erasing.Notices in memory; the first few may be gone.
type notices struct {
	of   []audience.ViewerID
	gone uint64
}

func (n *notices) Head(context.Context) (uint64, error) { return uint64(len(n.of)), nil }

func (n *notices) Since(_ context.Context, after uint64, limit int) ([]audience.ViewerID, error) {
	if after < n.gone || after > uint64(len(n.of)) {
		return nil, erasing.ErrNoticesGone
	}
	rest := n.of[after:]
	return rest[:min(limit, len(rest))], nil
}

func (n *notices) Expire(context.Context, time.Duration) error { return nil }
