package learning

import (
	"hash/crc32"
	"io"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

// mostWaiting bounds how many waiting events a snapshot may hold.
const mostWaiting = 1_000_000

// progress is how much was learned: up to which offset, and how many events late.
type progress struct{ upTo, late uint64 }

func (w *WaitingRoom) progress() progress {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.learned()
}

func (w *WaitingRoom) learned() progress { return progress{w.student.Model(), w.stats.Late} }

// save writes all that the room, its student and the student's model know at one moment.
func (w *WaitingRoom) save(to io.Writer, model Lasting, heard uint64) (progress, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.learned(), w.student.save(to, model, heard, w.write)
}

// restore takes over what save wrote after the head: all of it, or nothing. More than may wait is dropped.
func (w *WaitingRoom) restore(from io.Reader, model Lasting, h head) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var held []engagement.Logged
	var stats WaitingStats
	err := w.student.restore(from, model, h, func(from io.Reader) (err error) {
		held, stats, err = readWaiting(from)
		return err
	})
	if err != nil {
		return err
	}
	w.stats = stats
	for i := range held {
		if w.most == 0 {
			w.stats.Dropped++
			continue
		}
		w.keep(&held[i])
	}
	return nil
}

// write puts down the events that wait, with a checksum.
func (w *WaitingRoom) write(to io.Writer) error {
	p := &ink{to: to, sum: crc32.NewIEEE()}
	p.u64(w.stats.Late, w.stats.Dropped, uint64(len(w.held)))
	for i := range w.held {
		e := &w.held[i]
		auto := uint32(0)
		if e.AutoPresented {
			auto = 1
		}
		p.u64(uint64(e.Offset), uint64(e.Received.UnixMilli()), uint64(e.At.UnixMilli()), uint64(e.Watched), uint64(e.Duration))
		p.u32(uint32(e.Act)<<1 | auto)
		p.text(string(e.ID))
		p.text(string(e.Viewer))
		p.text(string(e.Item))
		p.text(e.Session)
	}
	p.flush()
	p.u32(p.sum.Sum32())
	p.flush()
	return p.err
}

func readWaiting(from io.Reader) (held []engagement.Logged, stats WaitingStats, err error) {
	r := &eye{from: from, sum: crc32.NewIEEE()}
	stats.Late, stats.Dropped = r.u64(), r.u64()
	for range r.count(mostWaiting) {
		e := engagement.Logged{Offset: engagement.Offset(r.u64()), Received: time.UnixMilli(int64(r.u64())).UTC()}
		e.At, e.Watched, e.Duration = time.UnixMilli(int64(r.u64())).UTC(), time.Duration(r.u64()), time.Duration(r.u64())
		act := r.u32()
		e.Act, e.AutoPresented = audience.Act(act>>1), act&1 == 1
		e.ID, e.Viewer, e.Item, e.Session = engagement.EventID(r.text()), audience.ViewerID(r.text()), catalog.ItemID(r.text()), r.text()
		if r.err != nil {
			return nil, stats, r.err
		}
		held = append(held, e)
	}
	sum := r.sum.Sum32()
	if r.u32() != sum && r.err == nil {
		return nil, stats, ErrSnapshotDamaged
	}
	return held, stats, r.err
}
