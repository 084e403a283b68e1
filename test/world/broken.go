package world

import (
	"context"
	"time"

	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
)

// Sessions is a feed.SessionRepository that Open and Commit break.
type Sessions struct {
	feed.SessionRepository
	Opening, Committing *Breaker
}

// Open implements feed.SessionRepository.
func (s Sessions) Open(ctx context.Context, v audience.ViewerID, id feed.SessionID, page int) (o feed.Opened, err error) {
	err = s.Opening.do(ctx, func() error { o, err = s.SessionRepository.Open(ctx, v, id, page); return err })
	return o, err
}

// Commit implements feed.SessionRepository.
func (s Sessions) Commit(ctx context.Context, from *feed.RecommendationSession) error {
	return s.Committing.do(ctx, func() error { return s.SessionRepository.Commit(ctx, from) })
}

// Archive is a feed.PageArchive that Breaker breaks.
type Archive struct {
	feed.PageArchive
	*Breaker
}

// Keep implements feed.PageArchive.
func (a Archive) Keep(ctx context.Context, e []feed.Exposure) error {
	return a.do(ctx, func() error { return a.PageArchive.Keep(ctx, e) })
}

// Session implements feed.PageArchive.
func (a Archive) Session(ctx context.Context, id feed.SessionID) (v feed.Visit, pages []feed.Page, err error) {
	err = a.do(ctx, func() error { v, pages, err = a.PageArchive.Session(ctx, id); return err })
	return v, pages, err
}

// Remembrance is an audience.Remembrance that Breaker breaks.
type Remembrance struct {
	audience.Remembrance
	*Breaker
}

// Version implements audience.Remembrance.
func (r Remembrance) Version(ctx context.Context, id audience.ViewerID) (n int64, err error) {
	err = r.do(ctx, func() error { n, err = r.Remembrance.Version(ctx, id); return err })
	return n, err
}

// Restore implements audience.Remembrance.
func (r Remembrance) Restore(ctx context.Context, id audience.ViewerID, version int64, k audience.Knowledge) error {
	return r.do(ctx, func() error { return r.Remembrance.Restore(ctx, id, version, k) })
}

// Note implements audience.Remembrance.
func (r Remembrance) Note(ctx context.Context, notes []audience.Note) error {
	return r.do(ctx, func() error { return r.Remembrance.Note(ctx, notes) })
}

// Decide implements audience.Remembrance.
func (r Remembrance) Decide(ctx context.Context, id audience.ViewerID, changes []audience.Change) error {
	return r.do(ctx, func() error { return r.Remembrance.Decide(ctx, id, changes) })
}

// Forget implements audience.Remembrance.
func (r Remembrance) Forget(ctx context.Context, id audience.ViewerID) error {
	return r.do(ctx, func() error { return r.Remembrance.Forget(ctx, id) })
}

// Recollection is an audience.Recollection that Breaker breaks.
type Recollection struct {
	audience.Recollection
	*Breaker
}

// Recollect implements audience.Recollection.
func (r Recollection) Recollect(ctx context.Context, id audience.ViewerID, at time.Time) (k audience.Knowledge, err error) {
	err = r.do(ctx, func() error { k, err = r.Recollection.Recollect(ctx, id, at); return err })
	return k, err
}

// Repairs is a remembering.Repairs whose Mark the Breaker breaks.
type Repairs struct {
	remembering.Repairs
	*Breaker
}

// Mark implements remembering.Repairs.
func (r Repairs) Mark(ctx context.Context, viewers []audience.ViewerID) error {
	return r.do(ctx, func() error { return r.Repairs.Mark(ctx, viewers) })
}

// Log is an engagement.EventLog whose Append the Breaker breaks.
type Log struct {
	engagement.EventLog
	*Breaker
}

// Append implements engagement.EventLog.
func (l Log) Append(ctx context.Context, events []engagement.Event, received time.Time) (fresh []bool, err error) {
	err = l.do(ctx, func() error { fresh, err = l.EventLog.Append(ctx, events, received); return err })
	return fresh, err
}

// Stream is a catalog.Changes that Breaker breaks.
type Stream struct {
	catalog.Changes
	*Breaker
}

// Publish implements catalog.Changes.
func (s Stream) Publish(ctx context.Context, items []catalog.Snapshot) error {
	return s.do(ctx, func() error { return s.Changes.Publish(ctx, items) })
}

// Position implements catalog.Changes.
func (s Stream) Position(ctx context.Context) (at string, err error) {
	err = s.do(ctx, func() error { at, err = s.Changes.Position(ctx); return err })
	return at, err
}

// Keeps implements catalog.Changes.
func (s Stream) Keeps(ctx context.Context, position string) (keeps bool, err error) {
	err = s.do(ctx, func() error { keeps, err = s.Changes.Keeps(ctx, position); return err })
	return keeps, err
}

// Follow implements catalog.Changes; it does not wait.
func (s Stream) Follow(ctx context.Context, position string, limit int, _ time.Duration) (items []catalog.Snapshot, at string, err error) {
	err = s.do(ctx, func() error { items, at, err = s.Changes.Follow(ctx, position, limit, 0); return err })
	return items, at, err
}

// Items is a catalog.ItemRepository whose Update the Breaker breaks.
type Items struct {
	catalog.ItemRepository
	*Breaker
}

// Update implements catalog.ItemRepository.
func (r Items) Update(ctx context.Context, ids []catalog.ItemID,
	change func(*catalog.FeedItem, func() (catalog.Number, error)) error) (errs []error, err error) {
	err = r.do(ctx, func() error { errs, err = r.ItemRepository.Update(ctx, ids, change); return err })
	return errs, err
}

// Heart is a remembering.Heart that is told what to answer.
type Heart struct {
	ID   string
	News uint64 // restarts
	Kept remembering.Pulse
	*Breaker
}

// Seal implements remembering.Heart.
func (h *Heart) Seal(ctx context.Context, p remembering.Pulse) error {
	return h.do(ctx, func() error { h.Kept = p; return nil })
}

// Sealed implements remembering.Heart.
func (h *Heart) Sealed(ctx context.Context) (p remembering.Pulse, err error) {
	err = h.do(ctx, func() error { p = h.Kept; return nil })
	return p, err
}

// Restarts implements remembering.Heart.
func (h *Heart) Restarts() uint64 { return h.News }

// RunID implements remembering.Heart.
func (h *Heart) RunID(ctx context.Context) (string, error) {
	return h.ID, h.do(ctx, func() error { return nil })
}
