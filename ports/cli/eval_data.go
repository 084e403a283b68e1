package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/freshet/freshet/application/evaluating"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/ports/cli/intake"
)

// recording is a folder of items and events.
type recording struct {
	dir    string
	limit  int // of events; 0: none
	says   io.Writer
	errors io.WriteCloser // may be nil
}

// readLines say what became of the lines of a recording.
type readLines struct{ Items, Events intake.Counts }

func (r *recording) read(ctx context.Context) (evaluating.Data, *readLines, error) {
	var none evaluating.Data
	items, err := r.file("items")
	if err != nil {
		return none, nil, Misuse(err)
	}
	events, err := r.file("events")
	if err != nil {
		return none, nil, Misuse(err)
	}
	c := &collector{
		limit: r.limit, now: time.Now(), places: map[catalog.ItemID]int{}, events: map[engagement.EventID]struct{}{}, viewers: map[audience.ViewerID]audience.ViewerID{},
	}
	i := &intake.Import{Items: []string{items}, Events: []string{events}, Target: c, Batch: mostBatch, Says: r.says}
	if r.limit > 0 {
		i.Batch = min(mostBatch, r.limit) // so that the last batch is taken whole, and counted
	}
	if r.errors != nil {
		i.Errors = r.errors
	}
	sum, err := i.Run(ctx)
	if err != nil && !errors.Is(err, errEnough) {
		return none, nil, Misuse(err)
	}
	for _, f := range []struct {
		name  string
		taken int
	}{{items, len(c.data.Items)}, {events, len(c.data.Events)}} {
		if f.taken == 0 {
			return none, nil, Misuse(fmt.Errorf("%s: holds no line that can be used", f.name))
		}
	}
	return c.data, &readLines{sum.Items, sum.Events}, nil
}

// file finds items.jsonl or items.jsonl.gz.
func (r *recording) file(kind string) (string, error) {
	if info, err := os.Stat(r.dir); err != nil {
		return "", fmt.Errorf("--data: %w", err)
	} else if !info.IsDir() {
		return "", fmt.Errorf("--data: %s is no folder", r.dir)
	}
	var found []string
	for _, end := range []string{".jsonl", ".jsonl.gz"} {
		name := filepath.Join(r.dir, kind+end)
		if _, err := os.Stat(name); err == nil {
			found = append(found, name)
		} else if !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("--data: %s has neither %s.jsonl nor %s.jsonl.gz", r.dir, kind, kind)
	case 2:
		return "", fmt.Errorf("--data: %s has both %s.jsonl and %s.jsonl.gz; one of them is one too many", r.dir, kind, kind)
	}
	return found[0], nil
}

// errEnough ends the reading of events.
var errEnough = errors.New("enough events")

// collector is an intake.Target that keeps what it is sent, under the rules of a service.
type collector struct {
	limit   int
	now     time.Time
	data    evaluating.Data
	places  map[catalog.ItemID]int
	events  map[engagement.EventID]struct{}
	viewers map[audience.ViewerID]audience.ViewerID
}

// Items implements intake.Target. The last line on an item is what it is.
func (c *collector) Items(_ context.Context, lines []intake.Line) ([]intake.Outcome, error) {
	out := make([]intake.Outcome, len(lines))
	for i := range lines {
		d := &lines[i].Draft
		if _, err := catalog.ParseItemID(string(d.ID)); err != nil {
			out[i] = refused(fault.Of(err).On("id"))
			continue
		}
		if err := catalog.Unknown(d.ID).Publish(1, d.Details, c.now); err != nil {
			out[i] = refused(fault.Of(err))
			continue
		}
		item := evaluating.Item{ID: d.ID, Details: d.Details}
		item.Details.Payload = nil
		if at, again := c.places[d.ID]; again {
			c.data.Items[at] = item
			out[i].Status = intake.Updated
			continue
		}
		c.places[d.ID] = len(c.data.Items)
		c.data.Items = append(c.data.Items, item)
		out[i].Status = intake.Created
	}
	return out, nil
}

// Events implements intake.Target. It fails with errEnough at the first line after the last event that is wanted.
func (c *collector) Events(_ context.Context, lines []intake.Line) ([]intake.Outcome, error) {
	out := make([]intake.Outcome, len(lines))
	for i := range lines {
		if len(c.data.Events) == c.limit && c.limit > 0 {
			return nil, errEnough
		}
		e := lines[i].Event
		e.At = e.At.UTC().Truncate(time.Millisecond)
		if err := e.Check(c.now); err != nil {
			out[i] = refused(fault.Of(err))
			continue
		}
		if _, again := c.events[e.ID]; again {
			out[i].Status = intake.Duplicate
			continue
		}
		c.events[e.ID] = struct{}{}
		c.share(&e)
		c.data.Events = append(c.data.Events, e)
		out[i].Status = intake.Accepted
	}
	return out, nil
}

// share lets equal ids take their space once.
func (c *collector) share(e *engagement.Event) {
	if at, known := c.places[e.Item]; known {
		e.Item = c.data.Items[at].ID
	}
	if id, known := c.viewers[e.Viewer]; known {
		e.Viewer = id
	} else {
		c.viewers[e.Viewer] = e.Viewer
	}
}

func refused(e *fault.Error) intake.Outcome {
	return intake.Outcome{Status: intake.Rejected, Code: e.Code(), Field: e.Field(), Message: e.Message()}
}
