package diagnosing

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// How far a worker's lease and the times of its numbers may lie ahead: leases are for 15 seconds, and numbers may run ahead of the
// clock by what two million of them take.
const (
	leaseAhead  = time.Minute
	reachAhead  = 5 * time.Minute
	mostWorkers = 256
)

func workers(ctx context.Context, r Records) (Finding, error) {
	w, err := r.Workers(ctx)
	if err != nil {
		return Finding{}, err
	}
	owners := map[string]int{}
	var wrong, odd []string
	for _, one := range w.Held {
		if first, twice := owners[one.Owner]; twice {
			wrong = append(wrong, fmt.Sprintf("%d and %d have one owner", first, one.ID))
		}
		owners[one.Owner] = one.ID
		if one.ID < 0 || one.ID >= mostWorkers {
			wrong = append(wrong, fmt.Sprintf("%d is no worker id", one.ID))
		}
		if ahead := one.Until.Sub(w.Now); ahead > leaseAhead {
			wrong = append(wrong, fmt.Sprintf("%d is leased for %s", one.ID, ahead.Round(time.Second)))
		}
		if ahead := one.Reach.Sub(w.Now); ahead > reachAhead {
			odd = append(odd, fmt.Sprintf("numbers of %d reach %s ahead of the database's clock", one.ID, ahead.Round(time.Second)))
		}
	}
	switch {
	case len(wrong) > 0:
		return fail("the table workers was changed by hand, or the database's clock: restart the instances one after another", "%s", strings.Join(wrong, "; ")), nil
	case len(odd) > 0:
		return warn("correct the clocks of the instances and of the database", "%s", strings.Join(odd, "; ")), nil
	case len(w.Held) == mostWorkers:
		return warn("run fewer instances that publish", "all %d are held", mostWorkers), nil
	}
	return ok("%d held, each by another process", len(w.Held)), nil
}

func erasures(ctx context.Context, r Records) (Finding, error) {
	notices, viewers, err := r.Unerased(ctx)
	if err != nil {
		return Finding{}, err
	}
	if len(viewers) == 0 {
		return ok("%d in the last day, complete", notices), nil
	}
	names := make([]string, 0, 3)
	for _, v := range viewers[:min(3, len(viewers))] {
		names = append(names, fmt.Sprintf("%q", v))
	}
	return fail("erase them again: DELETE /v1/viewers/{viewer}", "of %d viewers there is something from before they were erased: %s", len(viewers), strings.Join(names, ", ")), nil
}

// repairsWaiting is how many viewers may wait: instances empty some thousands a second.
const repairsWaiting = 10_000

func repairs(ctx context.Context, r Records) (Finding, error) {
	n, err := r.Repairs(ctx)
	switch {
	case err != nil:
		return Finding{}, err
	case n > repairsWaiting:
		return warn("see that an instance runs and what its repair loop logs; Redis has to answer", "%d copies of viewers wait to be emptied", n), nil
	}
	return ok("%d copies of viewers wait to be emptied", n), nil
}
