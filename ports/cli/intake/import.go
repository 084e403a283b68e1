package intake

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/ports/wire"
)

// Import is one run of the command.
type Import struct {
	Items, Events []string // files; Stdin at most once
	Target        Target
	Name          string    // of the target: what one has acknowledged says nothing of another
	Folder        string    // where checkpoints are kept; empty: nowhere
	Batch         int       // lines to a batch, 1 to 10000
	Restart       bool      // begin at the first line
	Stdin         io.Reader // what Stdin reads
	Says          io.Writer // refused lines and progress
	Errors        io.Writer // every refused line; may be nil
}

// run is what an import holds while it runs.
type run struct {
	*Import
	kept     checkpoints
	bar      progress
	refused  refusals
	summary  Summary
	finished []*checkpoint
}

// Run reads the items, then the events. When it fails, or ctx ends, the summary says how far it came, and
// another run goes on from there. Once everything is taken in, nothing is left to go on from: a further run
// reads all again, which changes nothing twice.
func (i *Import) Run(ctx context.Context) (Summary, error) {
	r := &run{Import: i, kept: checkpoints{i.Folder, i.Name}, bar: progress{to: i.Says, now: time.Now}}
	r.refused = refusals{to: i.Says, all: i.Errors, clear: func() { r.bar.clear() }}
	began := time.Now()
	r.kept.sweep(began)
	err := r.all(ctx)
	r.summary.Took = time.Since(began)
	return r.summary, err
}

func (r *run) all(ctx context.Context) error {
	for _, name := range r.Items {
		if err := r.file(ctx, "items", name, &r.summary.Items); err != nil {
			return err
		}
	}
	for _, name := range r.Events {
		if err := r.file(ctx, "events", name, &r.summary.Events); err != nil {
			return err
		}
	}
	for _, c := range r.finished {
		if err := c.drop(); err != nil {
			return err
		}
	}
	return r.refused.err
}

// reading is one file on its way.
type reading struct {
	*run
	kind    string
	src     *source
	lines   *lines
	mark    *checkpoint
	batch   []Line
	bytes   int
	ids     map[catalog.ItemID]struct{} // in the batch
	counts  Counts                      // since the mark
	told    []told                      // since the mark
	pending int                         // lines since the mark
	upTo    int64                       // the last line taken
	done    int64                       // lines of this run
}

func (r *run) file(ctx context.Context, kind, name string, sum *Counts) error {
	src, err := open(name, r.Stdin)
	if err != nil {
		return err
	}
	defer func() { _ = src.close() }()
	mark, err := r.kept.find(kind, src, r.Restart)
	if err != nil {
		return err
	}
	if mark.Line > 0 {
		fmt.Fprintf(r.Says, "%s: going on after line %d; --restart begins at the first\n", src.name, mark.Line)
	}
	r.bar.begin(src)
	f := &reading{run: r, kind: kind, src: src, lines: newLines(src.text), mark: mark, ids: map[catalog.ItemID]struct{}{}}
	err = f.read(ctx)
	r.bar.end()
	sum.add(mark.Counts)
	r.summary.Lines += f.done
	if err != nil {
		return err
	}
	r.finished = append(r.finished, mark)
	return r.refused.err
}

func (f *reading) read(ctx context.Context) error {
	for !f.mark.Done {
		if ctx.Err() != nil {
			return ctx.Err() // what is pending is read again by the next run
		}
		text, refused, more := f.lines.next()
		if !more {
			break
		}
		if f.lines.number <= f.mark.Line {
			continue
		}
		if err := f.take(ctx, text, refused); err != nil {
			return err
		}
	}
	if err := f.flush(ctx); err != nil {
		return err
	}
	if err := f.lines.failure(); err != nil {
		return fmt.Errorf("%s:%d: cannot be read further: %w", f.src.name, f.lines.number+1, err)
	}
	f.mark.Done = true
	return f.mark.save(time.Now())
}

// read takes the line for what its kind of file holds.
func (l *Line) read(kind string, text []byte) *fault.Error {
	v, err := wire.Parse(text, int(l.Number))
	switch {
	case err != nil:
	case kind == "items":
		l.Draft, err = v.Item()
	default:
		l.Event, err = v.Event()
	}
	return err
}

// take adds one line to the batch, or notes why not.
func (f *reading) take(ctx context.Context, text []byte, refused *fault.Error) error {
	l := Line{Number: f.lines.number}
	blank := len(text) == 0 && refused == nil
	if !blank && refused == nil {
		refused = l.read(f.kind, text)
	}
	if _, again := f.ids[l.Draft.ID]; again && refused == nil {
		// A batch holds an item once; the later line is the newer word on it.
		if err := f.flush(ctx); err != nil {
			return err
		}
	}
	switch {
	case blank:
	case refused != nil:
		f.counts.Lines++
		f.counts.Bad++
		f.told = append(f.told, told{l.Number, refusal(refused)})
	default:
		f.counts.Lines++
		l.Text = bytes.Clone(text)
		f.batch, f.bytes = append(f.batch, l), f.bytes+len(text)
		if l.Draft.ID != "" {
			f.ids[l.Draft.ID] = struct{}{}
		}
	}
	f.upTo = l.Number
	if f.pending++; f.pending >= f.Batch || f.bytes >= batchBytes {
		return f.flush(ctx)
	}
	return nil
}
