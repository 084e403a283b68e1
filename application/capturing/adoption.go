package capturing

import (
	"context"
	"encoding/json"
	"time"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

const adoptBatch = 500

// errPayload refuses what no answer could hold.
var errPayload = fault.New(fault.Invalid, "bad_payload", "a payload is a JSON value").On("payload")

// Adoption brings items that were changed in SQL back into the catalogue's order: a version of their own, a fact in the
// outbox. It looks at the rows as they are then, so what was written since is never overwritten.
type Adoption struct {
	items   catalog.ItemRepository
	clock   func() time.Time
	refused func(catalog.ItemID, error)
}

// NewAdoption wires the parts; refused hears of each item that holds what no item may.
func NewAdoption(items catalog.ItemRepository, clock func() time.Time, refused func(catalog.ItemID, error)) *Adoption {
	return &Adoption{items, clock, refused}
}

// Adopt adopts the changes, each of another item; one that was told since is left alone, so it may be repeated.
func (a *Adoption) Adopt(ctx context.Context, changes []Change) error {
	for len(changes) > 0 {
		n := min(len(changes), adoptBatch)
		err := a.adopt(ctx, changes[:n])
		if err != nil && !fault.Is(err, fault.Unavailable) && ctx.Err() == nil {
			err = a.oneByOne(ctx, changes[:n])
		}
		if err != nil {
			return err
		}
		changes = changes[n:]
	}
	return nil
}

// oneByOne keeps a row that cannot be read from keeping others back.
func (a *Adoption) oneByOne(ctx context.Context, changes []Change) error {
	for i := range changes {
		err := a.adopt(ctx, changes[i:i+1])
		if err == nil {
			continue
		}
		if fault.Is(err, fault.Unavailable) || ctx.Err() != nil {
			return err
		}
		a.refused(changes[i].ID, err)
	}
	return nil
}

func (a *Adoption) adopt(ctx context.Context, changes []Change) error {
	ids := make([]catalog.ItemID, len(changes))
	of := make(map[catalog.ItemID]*Change, len(changes))
	for i := range changes {
		ids[i], of[changes[i].ID] = changes[i].ID, &changes[i]
	}
	tries := 0
	outcomes, err := a.items.Update(ctx, ids, func(item *catalog.FeedItem, fresh func() (catalog.Number, error)) error {
		if item.ID() == ids[0] {
			tries++
		}
		change := of[item.ID()]
		number := change.Number
		if item.NeedsNumber() && (number == 0 || tries > 2) { // somebody else has it
			var err error
			if number, err = fresh(); err != nil {
				return err
			}
		}
		if p := item.Snapshot().Details.Payload; len(p) > 0 && !json.Valid(p) {
			return errPayload
		}
		return item.Adopt(change.Floor, number, a.clock())
	})
	if err != nil {
		return err
	}
	for i, err := range outcomes {
		if err != nil {
			a.refused(ids[i], err)
		}
	}
	return nil
}
