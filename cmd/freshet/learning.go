package main

import (
	"log/slog"
	"path/filepath"
	"time"

	"github.com/freshet/freshet/adapters/filestore"
	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/infrastructure/config"
)

// snapshotFile is what this instance has learned, in the data folder.
const snapshotFile = "learned.snapshot"

func provideLearner(index *memindex.Index, w engagement.Weights) *memindex.Learner {
	return memindex.NewLearner(index, w, memindex.Options{})
}

// provideStudent studies every feed that learns.
func provideStudent(plans *serving.Plans, learner *memindex.Learner, index *memindex.Index, w engagement.Weights) *learning.Student {
	var feeds []learning.Feed
	for _, p := range plans.Current().Learning() {
		feeds = append(feeds, p)
	}
	worth := func(a audience.Action) float32 { return w.Worth(a.Act, a.Watched, a.Duration) }
	return learning.NewStudent(learner, learner, index, worth, learning.StudentOptions{}, feeds...)
}

// provideWaiting has events wait for their items, unless they are to be dropped.
func provideWaiting(cfg *config.Config, student *learning.Student, index *memindex.Index) *learning.WaitingRoom {
	most := cfg.Learning.WaitingEvents
	if cfg.Learning.UnknownItems == "drop" {
		most = 0
	}
	return learning.NewWaitingRoom(student, index, most)
}

func provideBlends(student *learning.Student, store recommend.BlendStore, events engagement.EventLog, log *slog.Logger) *learning.Blends {
	return learning.NewBlends(student, store, events, func(feed string, err error) {
		log.Warn("a feed begins with its configured weights, what it had learned cannot be used", "feed", feed, "error", err.Error())
	})
}

func provideNotebook(cfg *config.Config, waiting *learning.WaitingRoom, learner *memindex.Learner, events engagement.EventLog,
	heard *erasing.Heard, clock func() time.Time, log *slog.Logger) *learning.Notebook {
	file := filestore.NewSnapshot(filepath.Join(cfg.DataDir, snapshotFile))
	return learning.NewNotebook(waiting, learner, file, events, heard, clock, func(err error) {
		log.Warn("the log is learned anew, the snapshot of what was learned cannot be used", "error", err.Error())
	})
}
