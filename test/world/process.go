package world

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/filestore"
	"github.com/freshet/freshet/adapters/localstore"
	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/randomness"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/archiving"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/indexing"
	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/application/relaying"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/application/replaying"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/application/steering"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/experiment"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
)

// Parts are what a process is made of; a test replaces those it wants to break.
type Parts struct {
	Shared    feed.SessionRepository
	Exposures feed.Exposures
	Archive   feed.PageArchive
	Fast      audience.Remembrance
	Past      audience.Recollection
	Viewers   audience.ViewerRepository
	Repairs   remembering.Repairs
	Heart     remembering.Heart
	Log       engagement.EventLog
	Tally     engagement.Tally
	Items     catalog.ItemRepository
	Outbox    catalog.Outbox
	Stream    catalog.Changes

	Config          string // version of the configuration
	Feeds           []recommend.Definition
	Layers          []experiment.Layer
	Untuned         bool // tuning is switched off
	Through         bool // pages are archived before they are answered
	Patience, Pause time.Duration
}

// Process is one process on the world's stores. Nothing in it runs by itself.
type Process struct {
	Index   *memindex.Index
	Signals *memindex.Learner
	Local   *localstore.Sessions
	Plans   *serving.Plans
	Ladder  *serving.Ladder
	Known   *remembering.Viewers

	Pages     *serving.ServePage
	Events    *observing.RecordEvents
	Items     *publishing.Items
	Decisions *steering.Decisions
	Sessions  *replaying.Sessions
	Viewers   *erasing.Viewers

	Keeper     *indexing.Keeper
	Student    *learning.Student
	Room       *learning.WaitingRoom
	Notebook   *learning.Notebook
	Learner    *learning.Learner
	Counter    *learning.Counter
	Relay      *relaying.Relay
	Archivist  archiving.Archivists
	Forgetting *erasing.Forgetting

	t     testing.TB
	w     *World
	count int // events made
}

// Process starts one; its index is empty until Keeper.Build.
func (w *World) Process(change ...func(*Parts)) *Process {
	w.t.Helper()
	parts := Parts{
		Shared: redisstore.NewSessions(w.Redis), Exposures: redisstore.NewExposures(w.Redis), Archive: mysqlstore.NewArchive(w.DB),
		Fast: redisstore.NewRemembrance(w.Redis), Past: mysqlstore.NewRecollection(w.DB), Viewers: mysqlstore.NewViewers(w.DB),
		Repairs: mysqlstore.NewRepairs(w.DB), Heart: w.Redis, Log: mysqlstore.NewEventLog(w.DB), Tally: mysqlstore.NewTally(w.DB),
		Items: mysqlstore.NewItems(w.DB, w.Numbers), Outbox: mysqlstore.NewOutbox(w.DB), Stream: redisstore.NewChanges(w.Redis),
		Config: "c1", Feeds: Feeds(), Patience: patience, Pause: time.Second,
	}
	for _, c := range change {
		c(&parts)
	}
	return w.assemble(parts)
}

func (w *World) assemble(parts Parts) *Process {
	now := w.Clock.Now
	p := &Process{t: w.t, w: w, Index: memindex.New(), Local: localstore.NewSessions(1000, now)}
	p.Signals = memindex.NewLearner(p.Index, engagement.DefaultWeights(), memindex.Options{})
	p.Known = remembering.NewViewers(parts.Fast, parts.Past, parts.Repairs, parts.Heart, now)
	p.Plans = serving.NewPlans(p.Plan(parts.Config, parts.Layers, parts.Feeds))
	shared := parts.Shared
	if parts.Through {
		shared = serving.Through{SessionRepository: shared, Archive: parts.Archive}
	}
	p.Ladder = serving.NewLadder(shared, serving.Alone{SessionRepository: p.Local, Archive: parts.Archive, Patience: parts.Patience}, p.Known, parts.Patience, parts.Pause, now, nil)
	name := randomness.Name()
	p.Archivist = archiving.Archivists{
		archiving.NewArchivist(p.Local, parts.Archive, name), archiving.NewArchivist(parts.Exposures, parts.Archive, name),
	}

	p.Pages = serving.NewServePage(p.Plans, p.Ladder, p.Known, parts.Archive, w.Sealer, p.Index, p.Signals, p.Index, now, randomness.Source{})
	p.Events = observing.NewRecordEvents(parts.Log, parts.Viewers, p.Known, p.Index, !parts.Untuned, now)
	p.Items = publishing.NewItems(parts.Items, p.Index, now)
	p.Decisions = steering.NewDecisions(parts.Viewers, p.Known, !parts.Untuned, now)
	p.Sessions = replaying.NewSessions(parts.Archive, p.Archivist, parts.Past, serving.NewRerun(p.Plans, p.Index, p.Signals), w.Sealer, now)

	p.Keeper = indexing.NewKeeper(parts.Items, parts.Stream, p.Index, now)
	p.Student = learning.NewStudent(p.Signals, p.Signals, p.Index, worth, learning.StudentOptions{}, p.feeds()...)
	p.Room = learning.NewWaitingRoom(p.Student, p.Index, 1000)
	dossier, notices := mysqlstore.NewDossier(w.DB), mysqlstore.NewErasures(w.DB)
	heard := erasing.NewHeard(notices)
	p.Notebook = learning.NewNotebook(p.Room, p.Signals, filestore.NewSnapshot(filepath.Join(w.t.TempDir(), "learned")), parts.Log, heard, now, nil)
	p.Viewers = erasing.NewViewers(dossier, []erasing.Store{p.Local, redisstore.NewEraser(w.Redis), dossier, p.Notebook, notices}, p.Archivist, now)
	p.Forgetting = erasing.NewForgetting(heard, []erasing.Store{p.Local, p.Notebook}, now)
	p.Learner = learning.NewLearner(parts.Log, p.Room)
	p.Counter = learning.NewCounter(parts.Tally, p.Index)
	p.Relay = relaying.NewRelay(parts.Outbox, parts.Stream, name, nil)
	return p
}

func worth(a audience.Action) float32 { return defaults.Worth(a.Act, a.Watched, a.Duration) }

var defaults = engagement.DefaultWeights()

// feeds are those of the plan in force that learn.
func (p *Process) feeds() (learn []learning.Feed) {
	for _, pl := range p.Plans.Current().Learning() {
		learn = append(learn, pl)
	}
	return learn
}

// Plan makes one over the process's index, to be put into force by serving.NewPlans.
func (p *Process) Plan(version string, layers []experiment.Layer, feeds []recommend.Definition) *serving.Plan {
	p.t.Helper()
	plan, err := serving.NewPlan(version, feed.DefaultLife, engagement.DefaultWeights(), layers, feeds, p.Index, p.Signals, recommend.Untrained{})
	require.NoError(p.t, err)
	return plan
}

// Feeds are some feeds of different kinds: for-you by value, latest by time, following from its sources
// alone, related.
func Feeds() []recommend.Definition {
	all := []recommend.SourceUse{{Name: "affinity", Limit: 100}, {Name: "following", Limit: 50}, {Name: "fresh", Limit: 50},
		{Name: "tuned", Limit: 50}, {Name: "trending", Limit: 50}, {Name: "sequence", Limit: 50}}
	arrange := recommend.Arrangement{AuthorShare: 0.4, TagShare: 1, AuthorFatigue: 0.3, TagFatigue: 0.1, FatigueHalf: 30 * time.Minute}
	rest := recommend.Rest{Served: 30 * time.Minute, Seen: 7 * 24 * time.Hour, Consumed: 90 * 24 * time.Hour}
	weights := map[string]float32{"affinity": 0.8, "following": 1.2, "fresh": 0.2, "tuned": 1, "trending": 0.5, "sequence": 2,
		"freshness": 0.5, "tag_affinity": 0.8, "author_affinity": 0.6, "popularity": 0.4, "quality": 0.5, "steered": 4}
	return []recommend.Definition{
		{Name: "for-you", Sources: all, Weights: weights, Order: recommend.ByValue, Supply: recommend.FromCatalogue, Arrange: arrange, Rest: rest},
		{Name: "latest", Sources: all[2:3], Weights: weights, Order: recommend.ByNewest, Supply: recommend.FromCatalogue, Arrange: arrange, Rest: rest},
		{Name: "following", Sources: all[1:2], Weights: weights, Order: recommend.ByNewest, Supply: recommend.FromSources, Arrange: arrange, Rest: rest},
		{Name: serving.RelatedFeed, Sources: []recommend.SourceUse{{Name: "related", Limit: 50}}, Weights: map[string]float32{"related": 1},
			Order: recommend.ByValue, Supply: recommend.FromCatalogue, Arrange: arrange, Rest: rest},
	}
}

// ItemID names the n-th item that Stock publishes.
func ItemID(n int) catalog.ItemID { return catalog.ItemID(fmt.Sprintf("i%04d", n)) }

// AuthorOf is who made the n-th item, TagOf its tag.
func AuthorOf(n int) catalog.AuthorID { return catalog.AuthorID(fmt.Sprintf("a%d", n%10)) }

// TagOf is the tag of the n-th item.
func TagOf(n int) string { return fmt.Sprintf("t%d", n%5) }
