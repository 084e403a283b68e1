package intake

import (
	"context"
	"fmt"
	"time"
)

// flush sends the batch and, once it is acknowledged, moves the mark to the last line read.
func (f *reading) flush(ctx context.Context) error {
	if f.pending == 0 {
		return nil
	}
	if len(f.batch) > 0 {
		send := f.Target.Items
		if f.kind == "events" {
			send = f.Target.Events
		}
		outcomes, err := patiently(ctx, func() ([]Outcome, error) { return send(ctx, f.batch) }, f.waiting)
		if err != nil {
			return err
		}
		for i, o := range outcomes {
			f.counts.count(o.Status)
			if o.Status == Rejected {
				f.told = append(f.told, told{f.batch[i].Number, o})
			}
		}
	}
	f.done += f.counts.Lines
	f.mark.Counts.add(f.counts)
	f.mark.Line = f.upTo
	f.refused.tell(f.src.name, f.told)
	f.counts, f.pending, f.bytes = Counts{}, 0, 0
	f.batch, f.told = f.batch[:0], f.told[:0]
	clear(f.ids)
	f.bar.at(f.src.read, f.done)
	return f.mark.save(time.Now())
}

func (f *reading) waiting(d time.Duration, why error) {
	f.bar.clear()
	fmt.Fprintf(f.Says, "%s: trying again in %s: %v\n", f.src.name, d.Round(time.Millisecond), why)
}
