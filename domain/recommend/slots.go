package recommend

import (
	"slices"
	"time"

	"github.com/freshet/freshet/domain/catalog"
)

// The most of each that a definition holds.
const (
	maxPins     = 100
	maxSlots    = 20
	maxPosition = 100
)

// Pinned is the source that a pinned item's reason names.
const Pinned = "pinned"

// Pages say on which pages of a session a pin has its place.
type Pages string

// The pages.
const (
	FirstPage Pages = "first"
	EveryPage Pages = "every"
)

// Pin gives one item a place, whatever it is worth and however lately the viewer met it. What may not be shown, or
// was on an earlier page of the session, is not shown for being pinned; of several pins for one place the first that
// may be shown has it. A page shorter than its position goes without.
type Pin struct {
	Item         catalog.ItemID
	Position     int // on the page, from 1
	Pages        Pages
	From, Until  time.Time // in force from the one on and before the other; zero: without end
	Lang, Region string    // only for sessions narrowed to it; empty: for all
}

// Slot keeps places of every page for what one source proposes, best first. A place for which it has nothing, or
// nothing that the caps allow, is filled like any other.
type Slot struct {
	Source string
	From   int // the first place on the page, from 1
	Every  int // and every so many from there on; 0: that one alone
}

// holds reports whether the slot keeps the place, counted from 1.
func (s *Slot) holds(place int) bool {
	return place == s.From || s.Every > 0 && place > s.From && (place-s.From)%s.Every == 0
}

// heed has the bits of the sources that slots are kept for.
func (d *Definition) heed() (sources uint16) {
	for i := range d.Slots {
		if f, ok := sourceByName(d.Slots[i].Source); ok {
			sources |= 1 << f
		}
	}
	return sources
}

// in reports whether the pin is in force for the page that q asks for.
func (p *Pin) in(q *Query) bool {
	return p.Position <= q.Want &&
		(p.Pages == EveryPage || len(q.Served) == 0 && q.Lost == nil) &&
		(p.From.IsZero() || !q.Now.Before(p.From)) && (p.Until.IsZero() || q.Now.Before(p.Until)) &&
		(p.Lang == "" || p.Lang == q.Lang) && (p.Region == "" || p.Region == q.Region)
}

func (d *Definition) checkSlots() error {
	if len(d.Pins) > maxPins {
		return ErrDefinition.On("pins").Saying("feed %q: at most %d items are pinned", d.Name, maxPins)
	}
	for _, p := range d.Pins {
		switch _, err := catalog.ParseItemID(string(p.Item)); {
		case err != nil:
			return ErrDefinition.On("pins").Saying("feed %q: %q cannot be the id of an item", d.Name, p.Item)
		case p.Position < 1 || p.Position > maxPosition:
			return ErrDefinition.On("pins").Saying("feed %q: the position of %q lies between 1 and %d", d.Name, p.Item, maxPosition)
		case p.Pages != FirstPage && p.Pages != EveryPage:
			return ErrDefinition.On("pins").Saying("feed %q: an item is pinned to the %q page or to %q page", d.Name, FirstPage, EveryPage)
		case !p.From.IsZero() && !p.Until.IsZero() && !p.From.Before(p.Until):
			return ErrDefinition.On("pins").Saying("feed %q: the pin of %q ends before it begins", d.Name, p.Item)
		}
	}
	if len(d.Slots) > maxSlots {
		return ErrDefinition.On("slots").Saying("feed %q: there are at most %d slots", d.Name, maxSlots)
	}
	for _, s := range d.Slots {
		switch {
		case !slices.ContainsFunc(d.Sources, func(u SourceUse) bool { return u.Name == s.Source }):
			return ErrDefinition.On("slots").Saying("feed %q keeps a slot for %q, which is not among its sources", d.Name, s.Source)
		case s.From < 1 || s.From > maxPosition || s.Every < 0 || s.Every > maxPosition:
			return ErrDefinition.On("slots").Saying("feed %q: the places of slots lie between 1 and %d", d.Name, maxPosition)
		}
	}
	return nil
}
