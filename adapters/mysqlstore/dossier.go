package mysqlstore

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
)

// dossierPage is how many records are in memory at a time.
const dossierPage = 500

// Dossier is everything that is kept of one viewer: to hand out, and to erase.
type Dossier struct {
	db      *DB
	archive *Archive
}

// NewDossier works on db.
func NewDossier(db *DB) *Dossier { return &Dossier{db, NewArchive(db)} }

// Export implements erasing.Dossier. Of the reports of one play it hands out the last, with the most
// that was watched. emit may be slow: nothing is held open meanwhile. What changes while Export
// runs may or may not be in it.
func (d *Dossier) Export(ctx context.Context, viewer audience.ViewerID, emit func(record any) error) error {
	if err := d.exportDecisions(ctx, viewer, emit); err != nil {
		return err
	}
	if err := d.exportEvents(ctx, viewer, emit); err != nil {
		return err
	}
	return d.exportPages(ctx, viewer, emit)
}

func (d *Dossier) exportDecisions(ctx context.Context, viewer audience.ViewerID, emit func(record any) error) error {
	v, err := NewViewers(d.db).Find(ctx, viewer)
	if err != nil {
		return err
	}
	for _, relation := range []audience.Relation{audience.Follows, audience.Mutes, audience.Blocks} {
		for _, tie := range v.Ties(relation) {
			if err := emit(tie); err != nil {
				return err
			}
		}
	}
	for _, decision := range v.Decisions() {
		if err := emit(decision); err != nil {
			return err
		}
	}
	return nil
}

func (d *Dossier) exportEvents(ctx context.Context, viewer audience.ViewerID, emit func(record any) error) error {
	after := engagement.Offset(0)
	for {
		var events []engagement.Logged
		var most map[int64]play
		err := d.db.read(ctx, func(tx *gorm.DB) (err error) {
			// Of the reports of one play only the last is in plays.
			events, err = eventsIn(tx, selectEvent+`LEFT JOIN plays p ON p.viewer = e.viewer AND p.item = e.item AND p.session = e.session AND p.pos = e.pos
				WHERE e.viewer = ? AND e.pos > ? AND (e.act <> ? OR p.pos IS NOT NULL) ORDER BY e.pos LIMIT ?`,
				string(viewer), int64(after), int64(audience.PlayProgress), dossierPage)
			if err == nil {
				most, err = d.db.playsAt(tx, viewer, events)
			}
			return err
		})
		if err != nil {
			return err
		}
		for _, e := range events {
			if p, ok := most[int64(e.Offset)]; ok {
				e.Watched, e.Duration = p.watched, p.duration
			}
			if err := emit(e); err != nil {
				return err
			}
			after = e.Offset
		}
		if len(events) < dossierPage {
			return nil
		}
	}
}

// playsAt answers what the plays whose last reports are among the events came to, by offset.
func (db *DB) playsAt(tx *gorm.DB, viewer audience.ViewerID, events []engagement.Logged) (map[int64]play, error) {
	var keys []playKey
	for i := range events {
		if events[i].Act == audience.PlayProgress {
			keys = append(keys, keyOf(&events[i].Event))
		}
	}
	plays := make(map[int64]play, len(keys))
	err := chunks(keys, func(some []playKey) error {
		var rows []struct{ Pos, WatchedMs, DurationMs int64 }
		err := tx.Raw("SELECT pos, watched_ms, duration_ms FROM plays WHERE (viewer, item, session) IN "+db.dialect.tuples(len(some), 3), playArgs(some)...).Scan(&rows).Error
		for _, r := range rows {
			plays[r.Pos] = play{watched: time.Duration(r.WatchedMs) * time.Millisecond, duration: time.Duration(r.DurationMs) * time.Millisecond}
		}
		return err
	})
	return plays, err
}

func (d *Dossier) exportPages(ctx context.Context, viewer audience.ViewerID, emit func(record any) error) error {
	after := ""
	for {
		var ids []feed.SessionID
		err := d.db.read(ctx, func(tx *gorm.DB) error {
			ids = nil
			return tx.Raw("SELECT session FROM sessions WHERE viewer = ? AND session > ? ORDER BY session LIMIT ?", string(viewer), after, dossierPage).Scan(&ids).Error
		})
		if err != nil {
			return err
		}
		for _, id := range ids {
			visit, pages, err := d.archive.Session(ctx, id)
			if err != nil {
				return err
			}
			for _, page := range pages {
				if err := emit(feed.Exposure{Visit: visit, Page: page}); err != nil {
					return err
				}
			}
			after = string(id)
		}
		if len(ids) < dossierPage {
			return nil
		}
	}
}
