package learning_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// lessonsOf teaches a diary and returns what it was asked.
func lessonsOf(t *testing.T, o learning.StudentOptions, events ...engagement.Logged) ([]study, *memindex.Index, learning.StudentStats) {
	t.Helper()
	s, d := newSchool(t, 30, o), &diary{}
	student := learning.NewStudent(s.model, s.model, s.index, worth, o, d)
	student.Learn(events)
	return d.asked, s.index, student.Stats()
}

func TestWhatIsStudied(t *testing.T) {
	at := func(n int) time.Time { return dawn.Add(time.Duration(n) * time.Minute) }
	auto := did(2, "v", audience.PlayStart, 1, at(2))
	auto.AutoPresented = true
	known := did(1, "other", audience.Seen, 1, at(1)) // somebody has met item 1
	for _, c := range []struct {
		name   string
		events []engagement.Logged
		want   int
	}{
		{"a good act on what others have met", []engagement.Logged{known, did(2, "v", audience.Like, 1, at(2))}, 1},
		{"one on what nobody has met", []engagement.Logged{did(1, "v", audience.Like, 1, at(1))}, 0},
		{"one on what only the viewer has met", []engagement.Logged{did(1, "v", audience.Seen, 1, at(1)), did(2, "v", audience.Like, 1, at(2))}, 0},
		{"one after others and the viewer have met it", []engagement.Logged{known, did(2, "v", audience.Seen, 1, at(2)), did(3, "v", audience.Like, 1, at(3))}, 1},
		{"an act that is not good", []engagement.Logged{known, did(2, "v", audience.Seen, 1, at(2))}, 0},
		{"a bad one", []engagement.Logged{known, did(2, "v", audience.NotInterested, 1, at(2))}, 0},
		{"a play that the viewer began", []engagement.Logged{known, did(2, "v", audience.PlayStart, 1, at(2))}, 1},
		{"a play that began by itself", []engagement.Logged{known, auto}, 0},
		{"the same choice again", []engagement.Logged{known, did(2, "v", audience.Like, 1, at(2)), did(3, "v", audience.Share, 1, at(3))}, 1},
		{"an item that is not in the index", []engagement.Logged{did(1, "o", audience.Like, 99, at(1)), did(2, "v", audience.Like, 99, at(2))}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked, _, stats := lessonsOf(t, learning.StudentOptions{}, c.events...)
			require.Len(t, asked, c.want)
			require.EqualValues(t, c.want, stats.Studied)
		})
	}
}

func TestAStudyKnowsWhatWasKnownBeforeTheChoice(t *testing.T) {
	at := dawn
	play := func(offset int, act audience.Act, watched time.Duration, session string) engagement.Logged {
		e := did(offset, "v", act, 5, at)
		e.Watched, e.Duration, e.Session = watched, time.Minute, session
		return e
	}
	asked, index, _ := lessonsOf(t, learning.StudentOptions{},
		did(1, "other", audience.Seen, 1, at),
		did(2, "v", audience.Like, 2, at),
		play(3, audience.PlayStart, 0, "s"),
		did(4, "v", audience.Seen, 1, at), // the chosen item, on its page
		play(5, audience.PlayProgress, 20*time.Second, "s"),
		play(6, audience.PlayProgress, 9*time.Second, "another session"),
		did(7, "v", audience.Seen, 3, at),
		did(8, "v", audience.Like, 1, at),
	)
	require.Len(t, asked, 1)
	require.Equal(t, ordinalOf(t, index, 1), asked[0].chosen)
	type action struct {
		item    int
		act     audience.Act
		watched time.Duration
	}
	var acts []action
	for _, a := range asked[0].actions {
		var item int
		_, err := fmt.Sscanf(string(a.Item), "item-%d", &item)
		require.NoError(t, err)
		require.Equal(t, at, a.At.UTC())
		acts = append(acts, action{item, a.Act, a.Watched})
	}
	require.Equal(t, []action{{3, audience.Seen, 0}, {5, audience.PlayProgress, 9 * time.Second}, {5, audience.PlayProgress, 20 * time.Second}, {2, audience.Like, 0}}, acts,
		"newest first; the plays of a session are one; nothing of the chosen item")
	require.ElementsMatch(t, []catalog.Number{3, 4, 6}, asked[0].met)
}

// stream is n events of some viewers on some items, whose clock is not quite in order.
func stream(seed uint64, n, viewers, items int) []engagement.Logged {
	r := rand.New(rand.NewPCG(seed, 7))
	acts := []audience.Act{audience.Like, audience.Like, audience.Open, audience.Seen, audience.PlayStart, audience.PlayProgress, audience.PlayComplete, audience.NotInterested, audience.Unlike}
	log := make([]engagement.Logged, n)
	received := dawn
	for i := range log {
		received = received.Add(time.Duration(r.IntN(600)) * time.Second * time.Duration(r.IntN(4)/3))
		log[i] = did(i+1, fmt.Sprint("v", r.IntN(viewers)), acts[r.IntN(len(acts))], int(float64(items+1)*r.Float64()*r.Float64()), received.Add(-time.Duration(r.IntN(90))*time.Second))
		log[i].Received = received
		log[i].Watched, log[i].Duration, log[i].Session = time.Duration(r.IntN(60))*time.Second, time.Minute, fmt.Sprint(r.IntN(3))
	}
	return log
}

// narrow is options whose every bound is met within a few events.
func narrow(t *rapid.T) learning.StudentOptions {
	return learning.StudentOptions{
		Viewers: rapid.IntRange(1, 8).Draw(t, "viewers"), First: rapid.IntRange(1, 60).Draw(t, "first"), Least: rapid.IntRange(1, 5).Draw(t, "least"),
		PerHour: rapid.IntRange(1, 8).Draw(t, "perHour"), Flood: rapid.IntRange(1, 8).Draw(t, "flood"), PerSecond: rapid.IntRange(1, 4).Draw(t, "perSecond"),
	}
}

func TestReplayIsLive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, log := narrow(t), stream(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(0, 250).Draw(t, "events"), 10, 20)
		live := newSchool(t, 20, o)
		for i := range log {
			live.student.Learn(log[i : i+1])
		}
		batched := newSchool(t, 20, o)
		for from := 0; from < len(log); {
			to := min(len(log), from+rapid.IntRange(1, 80).Draw(t, "batch"))
			batched.student.Learn(log[max(0, from-3):to]) // some of them again
			from = to
		}
		require.Equal(t, live.pipeline.Blend().Learned(), batched.pipeline.Blend().Learned())
		require.Equal(t, live.student.Stats(), batched.student.Stats())
	})
}

func TestABotTeachesNoMoreThanItsCap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const hours = 3
		o := learning.StudentOptions{Flood: rapid.IntRange(1, 50).Draw(t, "flood"), PerHour: rapid.IntRange(1, 30).Draw(t, "perHour"), PerSecond: 1_000_000}
		honest := rapid.Bool().Draw(t, "honest")
		s, d := newSchool(t, 400, o), &diary{}
		student := learning.NewStudent(&deaf{}, s.model, s.index, worth, o, d)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var log []engagement.Logged
		for n := range 400 { // everybody knows what the bot will like
			log = append(log, did(len(log)+1, fmt.Sprint("crowd", n%21), audience.Seen, 200+n%200, dawn))
		}
		s.model.Learn(log)
		for range 900 { // more choices in every hour than count
			received := dawn.Add(time.Duration(r.IntN(hours*3600*1000)) * time.Millisecond)
			log = append(log, did(len(log)+1, "bot", audience.Like, 200+r.IntN(200), received))
		}
		slices.SortStableFunc(log, func(a, b engagement.Logged) int { return a.Received.Compare(b.Received) })
		for i := range log {
			log[i].Offset = engagement.Offset(i + 1)
			if log[i].Viewer == "bot" && !honest { // it lies about the time
				log[i].At = engagement.Oldest.Add(time.Duration(i) * time.Hour)
				if r.IntN(4) == 0 {
					log[i].At = engagement.Oldest
				}
			}
		}
		student.Learn(log)
		if honest {
			require.LessOrEqual(t, len(d.asked), hours*min(o.PerHour, o.Flood))
		}
		require.LessOrEqual(t, len(d.asked), hours*o.Flood)
		require.EqualValues(t, len(d.asked)+int(student.Stats().Capped), student.Stats().Choices)
		require.Positive(t, student.Stats().Capped)

		before := len(d.asked) // and others are heard as before
		for n := range 20 {
			student.Learn([]engagement.Logged{did(len(log)+n+1, fmt.Sprint("v", n), audience.Like, 200+n, dawn.Add(hours*time.Hour))})
		}
		require.Equal(t, before+20, len(d.asked))
	})
}

func TestOfManyChoicesASampleIsStudied(t *testing.T) {
	o := learning.StudentOptions{First: 1000, Least: 10, PerSecond: 1 << 30, PerHour: 1 << 30, Flood: 1 << 30, Viewers: 100}
	s, d := newSchool(t, 200, o), &diary{}
	student := learning.NewStudent(s.model, s.model, s.index, worth, o, d)
	n := 0
	choices := func(many int) int {
		before := len(d.asked)
		for range many {
			n++
			student.Learn([]engagement.Logged{did(n, fmt.Sprint("v", n/200), audience.Like, n%200, dawn.Add(time.Duration(n)*time.Second))})
		}
		return len(d.asked) - before
	}
	choices(200) // nobody has met them
	require.Equal(t, 1000, choices(1000))
	require.InDelta(t, 693, choices(1000), 70, "1000/n of them")
	choices(18_000)
	require.InDelta(t, 1000, choices(10_000), 120, "one in ten, however many there were")
	require.EqualValues(t, len(d.asked), student.Stats().Studied)
	require.EqualValues(t, 30_000-len(d.asked), student.Stats().Sampled)
}

func TestNoSecondIsSpentOnStudyingAlone(t *testing.T) {
	var log []engagement.Logged
	for n := range 20 {
		log = append(log, did(n+1, "crowd", audience.Seen, n, dawn))
	}
	for n := range 20 {
		log = append(log, did(len(log)+1, fmt.Sprint("v", n), audience.Like, n, dawn.Add(time.Duration(n/10)*time.Second)))
	}
	asked, _, stats := lessonsOf(t, learning.StudentOptions{PerSecond: 3}, log...)
	require.Len(t, asked, 6)
	require.EqualValues(t, 14, stats.Hurried)
}

func TestAStudentKeepsItsBounds(t *testing.T) {
	s := newSchool(t, 600, learning.StudentOptions{Viewers: 50})
	student := learning.NewStudent(s.model, s.model, s.index, worth, learning.StudentOptions{Viewers: 50}, &diary{})
	most := 50*(200*20+400*4) + 50*120 + 600*40 + 20_000
	for n := range 60_000 {
		student.Learn([]engagement.Logged{did(n+1, fmt.Sprint("v", n/700%80), audience.Like, n%600, dawn)})
		if stats := student.Stats(); stats.Viewers > 50 || stats.Bytes > most {
			t.Fatalf("after %d events: %+v, at most %d", n, stats, most)
		}
	}
	require.Equal(t, 50, student.Stats().Viewers)
	require.Greater(t, student.Stats().Bytes, 50*(200*20+400*4))
}

func TestTheLongestIdleViewerIsForgottenFirst(t *testing.T) {
	var log []engagement.Logged
	for i, viewer := range []string{"a", "b", "a", "c"} { // b is forgotten
		log = append(log, did(i+1, viewer, audience.Like, i, dawn))
	}
	log = append(log, did(5, "a", audience.Like, 1, dawn), did(6, "b", audience.Like, 0, dawn))
	asked, _, _ := lessonsOf(t, learning.StudentOptions{Viewers: 2}, log...)
	require.Len(t, asked, 2)
	require.Len(t, asked[0].actions, 2)
	require.Empty(t, asked[1].actions)
}

// deaf is a model that learns nothing.
type deaf struct{ upTo uint64 }

func (d *deaf) Learn(events []engagement.Logged) { d.upTo = uint64(events[len(events)-1].Offset) }
func (d *deaf) Late([]engagement.Logged)         {}
func (d *deaf) Model() uint64                    { return d.upTo }

func TestAnEventThatIsNotStudiedAllocatesNothing(t *testing.T) {
	s := newSchool(t, 300, learning.StudentOptions{})
	student := learning.NewStudent(&deaf{}, s.model, s.index, worth, learning.StudentOptions{})
	n := 0
	one := make([]engagement.Logged, 1)
	event := did(1, "v", audience.Seen, 1, dawn)
	next := func() {
		n++
		event.Offset, event.Item = engagement.Offset(n), catalog.ItemID("")
		one[0] = event
		one[0].Item = items[n%300]
		student.Learn(one)
	}
	for range 1000 {
		next()
	}
	require.Zero(t, testing.AllocsPerRun(2000, next))
}

var items = func() (ids [300]catalog.ItemID) {
	for n := range ids {
		ids[n] = itemOf(n)
	}
	return ids
}()

var _ learning.Taught = (*recommend.Pipeline)(nil)
