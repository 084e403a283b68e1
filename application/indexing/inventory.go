package indexing

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/freshet/freshet/application/learning"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/domain/recommend"
)

// Why a snapshot of the catalogue is not gone on from.
var (
	ErrSnapshotDamaged = fault.New(fault.Internal, "catalogue_snapshot_damaged", "the snapshot of the catalogue is damaged or of an unknown format")
	ErrSnapshotForeign = fault.New(fault.Internal, "catalogue_snapshot_foreign", "the snapshot of the catalogue is of another database, or of what this one held before it was restored")
	ErrSnapshotStale   = fault.New(fault.Internal, "catalogue_snapshot_stale", "the stream of changes does not go back to the snapshot of the catalogue any more")
	ErrSnapshotTooLong = fault.New(fault.Internal, "catalogue_snapshot_too_long", "the snapshot of the catalogue would be longer than it may be")
)

// Lasting is an index that can be written down and read back.
type Lasting interface {
	Index
	View() recommend.View
	// Save writes all items as they are at one moment. Before the first byte it tells head those that changed last, and
	// the one with the highest number.
	Save(to io.Writer, head func(last []catalog.Snapshot) error) error
	// Restore fills an index that holds nothing, and changes nothing when it fails.
	Restore(from io.Reader) error
	// Lacks reports whether the index holds no such item, or one older than the version.
	Lacks(id catalog.ItemID, version uint64) bool
}

// Gaps is what compares the index with the records after a gap in the reading of the database's log.
type Gaps interface {
	// Compared counts the gaps for which the index needs not be compared any more.
	Compared() uint64
	// Resume has it compared for those after so many.
	Resume(compared uint64)
}

// Inventory keeps the index on this instance's own disk, so that a start need not make it anew from the records. The file
// may be lost at any time.
type Inventory struct {
	keeper *Keeper
	index  Lasting
	disk   learning.Snapshots
	o      InventoryOptions

	file  sync.Mutex // held while the file is written
	mu    sync.Mutex
	stats InventoryStats
	saved edition
	again time.Time // a look after that is worth another file of the same; zero: none is
	proof proof
}

// InventoryOptions say how. Whose names the database: a snapshot of another is not gone on from. Alone says that no
// other process writes to it, and that the stream ends with the process, so that a snapshot needs none. Gaps is nil
// where the database's log is not read; Most bounds the file in bytes, 0: no file is written or read. Versions and Told
// may be nil.
type InventoryOptions struct {
	Whose    uint64
	Alone    bool
	Most     int64
	Gaps     Gaps
	Versions Versions
	Told     func(Beginning)
}

// Beginning is how the index came to be at a start.
type Beginning struct {
	Items   int           // that came from the snapshot; 0: all came from the records
	Changed int           // of those and others, what the records said of changes since, or at all
	Age     time.Duration // of the snapshot
	Ignored error         // why there was a snapshot and it was of no use
}

// InventoryStats says what is kept; zero is nothing.
type InventoryStats struct {
	At    time.Time // when it was written by this process
	Bytes int64
	Began Beginning
	Items int // that were mended by Prove
}

// edition is what a file holds: the index in that version, up to that position of the stream.
type edition struct {
	version  uint64
	position string
}

// NewInventory wires the parts; the index is the keeper's.
func NewInventory(keeper *Keeper, index Lasting, disk learning.Snapshots, o InventoryOptions) *Inventory {
	if o.Told == nil {
		o.Told = func(Beginning) {}
	}
	return &Inventory{keeper: keeper, index: index, disk: disk, o: o}
}

// Stats says what is kept and what was gone on from.
func (n *Inventory) Stats() InventoryStats {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.stats
}

const inventoryBuffer = 1 << 20

// Build fills the index: from the snapshot and what changed since where there is one of use, otherwise as Keeper.Build
// does. It fails only where the records do not answer.
func (n *Inventory) Build(ctx context.Context) error {
	var b Beginning
	from, err := n.restore(ctx)
	switch {
	case err == nil:
		b.Items, b.Age = n.index.View().Len(), n.keeper.clock().Sub(from.at)
		n.saved, n.again = edition{n.index.View().Version(), from.position}, from.again()
		if b.Changed, err = n.keeper.resume(ctx, from.mark); err != nil {
			return err
		}
		if n.o.Gaps != nil {
			n.o.Gaps.Resume(from.gaps)
		}
		n.proof.wanted = n.o.Versions != nil
	case fault.Is(err, fault.Unavailable):
		return err
	default:
		if !errors.Is(err, learning.ErrNoSnapshot) {
			b.Ignored = err
		}
		if b.Changed, err = n.keeper.Build(ctx); err != nil {
			return err
		}
	}
	n.mu.Lock()
	n.stats.Began = b
	n.mu.Unlock()
	n.o.Told(b)
	return nil
}

// restore fills the index with what is kept, if that is whole and of this database.
func (n *Inventory) restore(ctx context.Context) (h *head, err error) {
	if n.o.Most == 0 {
		return nil, learning.ErrNoSnapshot
	}
	file, err := n.disk.Open()
	if errors.Is(err, learning.ErrNoSnapshot) {
		return nil, err
	}
	if err != nil {
		return nil, ErrSnapshotDamaged.Because(err)
	}
	defer func() { _ = file.Close() }()
	from := bufio.NewReaderSize(file, inventoryBuffer)
	if h, err = readHead(from); err != nil {
		return nil, err
	}
	if err := h.of(ctx, n.o.Whose, n.keeper.repo); err != nil {
		return nil, err
	}
	if n.o.Alone {
		h.position, _ = n.keeper.stream.Position(ctx) // of the stream that began with this process
	} else if keeps, err := n.keeper.stream.Keeps(ctx, h.position); err == nil && !keeps || h.position == "" {
		return nil, ErrSnapshotStale
	}
	if err := n.index.Restore(from); err != nil {
		return nil, ErrSnapshotDamaged.Because(err)
	}
	return h, nil
}

// Save writes the index down, unless nothing changed since it was last and nothing was told: then once more at most, when a
// start need not look at the last changes again. It answers 0: what is new by then can wait.
// Nobody waits for it; when ctx ends first, what was kept stays.
func (n *Inventory) Save(ctx context.Context) (int, error) {
	if n.o.Most == 0 {
		return 0, nil
	}
	n.file.Lock()
	defer n.file.Unlock()
	version := n.index.View().Version()
	h := head{whose: n.o.Whose, at: n.keeper.clock(), mark: n.keeper.mark(), gaps: unknownGaps} // before what is written: it is as if it had been told again
	now := edition{version, h.position}
	if h.looked.IsZero() || now == n.saved && (n.again.IsZero() || !h.looked.After(n.again)) {
		return 0, nil
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if n.o.Gaps != nil {
		h.gaps = n.o.Gaps.Compared()
	}
	size, err := n.disk.Replace(func(file io.Writer) error {
		to := bufio.NewWriterSize(&bounded{ctx: ctx, to: file, left: n.o.Most}, inventoryBuffer)
		if err := n.index.Save(to, func(last []catalog.Snapshot) error {
			h.last = last
			return h.write(to)
		}); err != nil {
			return err
		}
		return to.Flush()
	})
	if err != nil {
		return 0, fmt.Errorf("snapshot of the catalogue: %w", err)
	}
	n.saved, n.again = now, h.again()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stats.At, n.stats.Bytes = h.at, size
	return 0, nil
}

// atEnd is how many items are written at the end of a process; more would take longer than a process has then.
const atEnd = 1_000_000

// Close is Save at the end of the process, unless that takes long: what changed since the last time is looked up soon enough.
func (n *Inventory) Close(ctx context.Context) error {
	if n.index.View().Len() > atEnd {
		return nil
	}
	_, err := n.Save(ctx)
	return err
}

// syncEach is how many bytes are written at most before they are on the disk, so that the end is not waited for long.
const syncEach = 32 << 20

// bounded writes as long as it may.
type bounded struct {
	ctx    context.Context
	to     io.Writer
	left   int64
	unsure int
}

func (b *bounded) Write(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, ErrSnapshotTooLong
	}
	if file, ok := b.to.(interface{ Sync() error }); ok && b.unsure >= syncEach {
		b.unsure = 0
		if err := file.Sync(); err != nil {
			return 0, err
		}
	}
	b.unsure += len(p)
	return b.to.Write(p)
}
