package learning

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

// Why a snapshot is not gone on from.
var (
	ErrNoSnapshot      = fault.New(fault.NotFound, "no_snapshot", "there is no snapshot of what was learned")
	ErrSnapshotDamaged = fault.New(fault.Internal, "snapshot_damaged", "the snapshot of what was learned is damaged or of an unknown format")
	ErrSnapshotForeign = fault.New(fault.Internal, "snapshot_foreign", "the snapshot of what was learned is of another log, another catalogue or other bounds")
	ErrSnapshotStale   = fault.New(fault.Internal, "snapshot_stale", "so much happened since the snapshot that the newest events are learned anew")
)

// Snapshots is a place for one snapshot that outlives the process. It is not shared by processes.
type Snapshots interface {
	// Replace keeps what write writes in the place of what was kept, and returns how many bytes that are. When it fails,
	// what was kept is still there.
	Replace(write func(io.Writer) error) (int64, error)
	// Open reads what is kept. It fails with ErrNoSnapshot.
	Open() (io.ReadCloser, error)
	// Remove drops what is kept, if there is anything.
	Remove() error
}

// Lasting is a model that can be written down and read back. Restore changes nothing when it fails.
type Lasting interface {
	Model
	Save(to io.Writer) error
	Restore(from io.Reader) error
	// Forget drops what is remembered of one viewer alone, and reports whether there was anything.
	Forget(viewer audience.ViewerID) bool
}

// Notebook keeps all that this instance has learned on its own disk, so that a start need not learn it again. What is
// missing there follows from the log; it may be lost at any time.
type Notebook struct {
	room    *WaitingRoom
	model   Lasting
	disk    Snapshots
	log     engagement.EventLog
	heard   *erasing.Heard
	clock   func() time.Time
	ignored func(error)

	file  sync.Mutex // held while the snapshot is replaced or removed: what is forgotten meanwhile goes after it
	mu    sync.Mutex
	state NotebookStats
	saved progress
}

// NotebookStats says what is kept; zero is nothing.
type NotebookStats struct {
	At    time.Time // when it was written
	UpTo  uint64    // the offset in the event log
	Bytes int64
}

// NewNotebook wires the parts; model is that of the room's student. Ignored hears why a snapshot was not gone on from, and may be nil.
func NewNotebook(room *WaitingRoom, model Lasting, disk Snapshots, log engagement.EventLog, heard *erasing.Heard,
	clock func() time.Time, ignored func(error)) *Notebook {
	if ignored == nil {
		ignored = func(error) {}
	}
	return &Notebook{room: room, model: model, disk: disk, log: log, heard: heard, clock: clock, ignored: ignored}
}

// Stats says what is kept.
func (n *Notebook) Stats() NotebookStats {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.state
}

const notebookBuffer = 1 << 20

// Restore goes on from what is kept, if it is of this log and whole; otherwise nothing changes. The index holds the
// catalogue, and nothing was learned yet. It fails only where the log does not answer.
func (n *Notebook) Restore(ctx context.Context) error {
	end, err := n.log.Head(ctx)
	if err != nil {
		return err
	}
	if err := n.heard.Begin(ctx); err != nil {
		return err
	}
	err = n.restore(ctx, end)
	if fault.Is(err, fault.Unavailable) {
		return err
	}
	if err != nil && !errors.Is(err, ErrNoSnapshot) {
		n.ignored(err)
	}
	return nil
}

func (n *Notebook) restore(ctx context.Context, end engagement.Offset) error {
	file, err := n.disk.Open()
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	from := bufio.NewReaderSize(file, notebookBuffer)
	h, err := readHead(from)
	if err != nil {
		return err
	}
	if h.fingerprint != n.room.student.o.fingerprint() || h.upTo > uint64(end) {
		return ErrSnapshotForeign
	}
	if uint64(end) > h.upTo+Replayed {
		return ErrSnapshotStale
	}
	if err := h.of(ctx, n.log); err != nil {
		return err
	}
	missed, err := n.heard.Missed(ctx, h.heard)
	if err != nil {
		return err
	}
	if missed {
		return ErrSnapshotStale.Saying("viewers may have been erased since of whom nothing is known here")
	}
	if err := n.room.restore(from, n.model, h); err != nil {
		return err
	}
	n.heard.Resume(h.heard)
	return nil
}

// Save writes all that was learned so far, unless that is what was written last. It always answers 0: what is new by
// then can wait. Learning waits meanwhile, pages do not.
func (n *Notebook) Save(context.Context) (int, error) {
	n.file.Lock()
	defer n.file.Unlock()
	n.mu.Lock()
	same := n.saved == n.room.progress()
	n.mu.Unlock()
	if same {
		return 0, nil
	}
	heard := n.heard.At() // before what is written: it is as if they had been heard again
	var saved progress
	size, err := n.disk.Replace(func(file io.Writer) (err error) {
		to := bufio.NewWriterSize(file, notebookBuffer)
		if saved, err = n.room.save(to, n.model, heard); err != nil {
			return err
		}
		return to.Flush()
	})
	if err != nil {
		return 0, fmt.Errorf("snapshot of what was learned: %w", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.saved, n.state = saved, NotebookStats{At: n.clock(), UpTo: saved.upTo, Bytes: size}
	return 0, nil
}

// Erase implements erasing.Store: what this instance remembers of the viewer goes, and the snapshot that may hold it.
func (n *Notebook) Erase(_ context.Context, viewer audience.ViewerID) ([]erasing.Removed, error) {
	removed := erasing.Removed{Store: "memory", What: "learning"}
	guest, pupil, known := n.room.forget(viewer), n.room.student.forget(viewer), n.model.Forget(viewer)
	if !guest && !pupil && !known {
		return []erasing.Removed{removed}, nil
	}
	removed.Count = 1
	n.file.Lock()
	defer n.file.Unlock()
	if err := n.disk.Remove(); err != nil {
		return nil, fmt.Errorf("snapshot of what was learned: %w", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.state, n.saved = NotebookStats{}, progress{}
	return []erasing.Removed{removed}, nil
}
