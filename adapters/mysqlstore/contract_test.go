package mysqlstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/audience/audiencetest"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/catalog/catalogtest"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/engagement/engagementtest"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/domain/recommend/recommendtest"
)

var (
	_ erasing.Store       = (*mysqlstore.Dossier)(nil)
	_ erasing.Dossier     = (*mysqlstore.Dossier)(nil)
	_ remembering.Repairs = (*mysqlstore.Repairs)(nil)
	_ feed.PageArchive    = (*mysqlstore.Archive)(nil)
	_ training.Turn       = (*mysqlstore.Turn)(nil)
)

type opener = func(*testing.T) (a, b *mysqlstore.DB)

func TestItems(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		catalogtest.Items(t, func(t *testing.T) catalog.ItemRepository {
			a, b := open(t)
			return &alternatingItems{inTurn: inTurn[catalog.ItemRepository]{of: []catalog.ItemRepository{mysqlstore.NewItems(a, numbersOf(t, a)), mysqlstore.NewItems(b, numbersOf(t, b))}}}
		})
	})
}

func TestOutbox(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		catalogtest.Outbox(t, func(t *testing.T) (catalog.ItemRepository, catalog.Outbox, catalog.Outbox) {
			a, b := open(t)
			return mysqlstore.NewItems(a, numbersOf(t, a)), mysqlstore.NewOutbox(a), mysqlstore.NewOutbox(b)
		})
	})
}

func TestDeadLetters(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		catalogtest.DeadLetters(t, func(t *testing.T) catalogtest.Post {
			a, b := open(t)
			return catalogtest.Post{
				Items: mysqlstore.NewItems(a, numbersOf(t, a)), A: mysqlstore.NewOutbox(a), B: mysqlstore.NewOutbox(b), Dead: mysqlstore.NewDeadLetters(b),
			}
		})
	})
}

func TestViewers(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		audiencetest.Viewers(t, func(t *testing.T) audience.ViewerRepository {
			a, b := open(t)
			return &alternatingViewers{inTurn[audience.ViewerRepository]{of: []audience.ViewerRepository{mysqlstore.NewViewers(a), mysqlstore.NewViewers(b)}}}
		})
	})
}

func TestRecollection(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		audiencetest.Recollection(t, func(t *testing.T) audiencetest.Records {
			a, _ := open(t)
			return records(t, a)
		})
	})
}

func records(t *testing.T, db *mysqlstore.DB) audiencetest.Records {
	items, log, archive := mysqlstore.NewItems(db, numbersOf(t, db)), mysqlstore.NewEventLog(db), mysqlstore.NewArchive(db)
	happened := 0
	return audiencetest.Records{
		Recollection: mysqlstore.NewRecollection(db),
		Viewers:      mysqlstore.NewViewers(db),
		Publish: func(t *testing.T, ids ...catalog.ItemID) []catalog.Number {
			numbers := make(map[catalog.ItemID]catalog.Number)
			outcomes, err := items.Update(t.Context(), ids, func(item *catalog.FeedItem, number func() (catalog.Number, error)) error {
				n, err := number()
				require.NoError(t, err)
				numbers[item.ID()] = n
				return item.Publish(n, catalog.Details{}, time.Now())
			})
			require.NoError(t, err)
			inOrder := make([]catalog.Number, len(ids))
			for i, id := range ids {
				require.NoError(t, outcomes[i])
				inOrder[i] = numbers[id]
			}
			return inOrder
		},
		Happened: func(t *testing.T, viewer audience.ViewerID, received time.Time, actions ...audience.Action) {
			events := make([]engagement.Event, len(actions))
			for i, a := range actions {
				happened++
				events[i] = engagement.Event{
					ID: engagement.EventID(fmt.Sprint(happened)), Viewer: viewer, Act: a.Act, Item: a.Item, At: a.At,
					Session: a.Session, Watched: a.Watched, Duration: a.Duration,
				}
				if a.Item == "" {
					events[i].Author = "author"
				}
			}
			_, err := log.Append(t.Context(), events, received)
			require.NoError(t, err)
		},
		Served: func(t *testing.T, viewer audience.ViewerID, session string, page int, at time.Time, numbers ...catalog.Number) {
			p := feed.Page{Number: page, ServedAt: at}
			for _, n := range numbers {
				p.Items = append(p.Items, feed.Placement{Item: catalog.ItemID(fmt.Sprint(n)), Number: n})
			}
			visit := feed.Visit{ID: feed.SessionID(session), Viewer: viewer, StartedAt: at, ExpiresAt: at}
			require.NoError(t, archive.Keep(t.Context(), []feed.Exposure{{Visit: visit, Page: p}}))
		},
	}
}

func TestEventLog(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		engagementtest.Log(t, func(t *testing.T) engagement.EventLog {
			a, b := open(t)
			return &alternatingLog{inTurn[engagement.EventLog]{of: []engagement.EventLog{mysqlstore.NewEventLog(a), mysqlstore.NewEventLog(b)}}}
		})
	})
}

func TestTally(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		engagementtest.Tally(t, func(t *testing.T) engagementtest.Counting {
			a, b := open(t)
			return engagementtest.Counting{
				Log: mysqlstore.NewEventLog(a), A: mysqlstore.NewTally(a), B: mysqlstore.NewTally(b), Reactions: mysqlstore.NewTally(b),
			}
		})
	})
}

func TestFollowing(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		engagementtest.Following(t, func(t *testing.T) engagementtest.Followed {
			a, b := open(t)
			return engagementtest.Followed{
				Viewers: mysqlstore.NewViewers(a), A: mysqlstore.NewFollowers(a), B: mysqlstore.NewFollowers(b),
				Erase: func(ctx context.Context, viewer audience.ViewerID) error {
					_, err := mysqlstore.NewDossier(b).Erase(ctx, viewer)
					return err
				},
			}
		})
	})
}

func TestModels(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		recommendtest.ModelStore(t, func(t *testing.T) recommend.ModelStore {
			a, b := open(t)
			return &alternatingModels{inTurn[recommend.ModelStore]{of: []recommend.ModelStore{mysqlstore.NewModels(a), mysqlstore.NewModels(b)}}}
		})
	})
}

func TestBlends(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		recommendtest.BlendStore(t, func(t *testing.T) recommend.BlendStore {
			a, b := open(t)
			return &alternatingBlends{inTurn[recommend.BlendStore]{of: []recommend.BlendStore{mysqlstore.NewBlends(a), mysqlstore.NewBlends(b)}}}
		})
	})
}
