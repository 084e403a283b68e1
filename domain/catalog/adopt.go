package catalog

import (
	"time"

	"github.com/freshet/freshet/domain/fault"
)

// ErrState refuses a state that no published item has.
var ErrState = fault.New(fault.Internal, "bad_item_state", "an item is published, hidden or removed")

// Adopt makes a fact of a change that was made in the store itself, past the commands: the version rises above floor,
// the highest that may have been told of the item before the change. A version above floor was told after the change, so
// such an item stays as it is. One that the store has no more is removed, under the number if it has none.
//
// What no item may be is refused, and then nothing changes.
func (f *FeedItem) Adopt(floor uint64, number Number, now time.Time) error {
	if f.s.Version > floor {
		return nil
	}
	state, d := f.s.State, f.s.Details
	if kept := !f.s.ChangedAt.IsZero(); kept { // a store says when
		number = f.s.Number
	} else {
		state, d = Removed, Details{}
	}
	if number == 0 || number >= 1<<53 {
		return ErrNumber
	}
	if state == Unpublished || state > Removed {
		return ErrState
	}
	if err := CheckID(string(f.s.ID)); err != nil {
		return err
	}
	d, err := d.settled(now)
	if err != nil {
		return err
	}
	f.s.Number, f.s.State, f.s.Details, f.s.Version = number, state, d, floor
	f.record("adopted", false, now)
	return nil
}
