package engagement

import (
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

// The limits of an event.
const (
	MaxContextBytes = 512
	MaxWatch        = 48 * time.Hour
	// MaxAhead is how far a client's clock may run ahead of ours.
	MaxAhead = 5 * time.Minute
)

// Oldest is the earliest time an event can have happened.
var Oldest = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)

// Why an event is refused; each is returned with the field it concerns.
var (
	ErrMissing = fault.New(fault.Invalid, "missing", "the field is required")
	ErrFuture  = fault.New(fault.Invalid, "in_the_future", "the event lies more than 5 minutes in the future")
	ErrAncient = fault.New(fault.Invalid, "too_old", "the event lies before the year 1990")
	ErrWatch   = fault.New(fault.Invalid, "bad_watch", "a watched time or duration lies between 0 and 48 hours")
	ErrContext = fault.New(fault.Invalid, "bad_context", "a context is at most 512 bytes of printable ASCII")
)

// EventID is a client's name of one event; the same id is the same event.
type EventID string

// Event is one thing a viewer did, as reported by a client. Fields are exported because an event
// is a record of the past: Check decides whether it may enter the log, and nothing changes it after.
type Event struct {
	ID            EventID
	Viewer        audience.ViewerID
	Act           audience.Act
	Item          catalog.ItemID   // empty: done to an author alone
	Author        catalog.AuthorID // empty: the item's author is meant
	At            time.Time        // the client's clock, cut to milliseconds
	Session       string           // the feed session it came from, or empty
	Context       string           // the opaque context as served with the item, or empty
	Watched       time.Duration    // total watched so far in this session
	Duration      time.Duration    // the item's length as the client knows it
	AutoPresented bool             // played without the viewer's choice
}

// Check refuses an event that may not enter the log at now, naming the field as clients spell it.
func (e *Event) Check(now time.Time) error {
	if err := checkID("event_id", string(e.ID), true); err != nil {
		return err
	}
	if e.Act.String() == "" {
		return audience.ErrAct.On("type")
	}
	if err := checkID("viewer", string(e.Viewer), true); err != nil {
		return err
	}
	if err := checkID("author", string(e.Author), false); err != nil {
		return err
	}
	if err := checkID("item", string(e.Item), e.Act.OnItem()); err != nil {
		return err
	}
	if e.Item == "" && e.Author == "" {
		return ErrMissing.On("item").Saying("%s names an item or an author", e.Act)
	}
	if e.At.IsZero() {
		return ErrMissing.On("at")
	}
	if e.At.After(now.Add(MaxAhead)) {
		return ErrFuture.On("at")
	}
	if e.At.Before(Oldest) {
		return ErrAncient.On("at")
	}
	if err := checkID("session", e.Session, false); err != nil {
		return err
	}
	if !plain(e.Context) {
		return ErrContext.On("context")
	}
	if e.Watched < 0 || e.Watched > MaxWatch {
		return ErrWatch.On("watch_ms")
	}
	if e.Duration < 0 || e.Duration > MaxWatch {
		return ErrWatch.On("duration_ms")
	}
	return nil
}

func checkID(field, id string, required bool) error {
	if id == "" {
		if required {
			return ErrMissing.On(field)
		}
		return nil
	}
	if catalog.CheckID(id) != nil {
		return catalog.ErrID.On(field)
	}
	return nil
}

func plain(s string) bool {
	if len(s) > MaxContextBytes {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}
