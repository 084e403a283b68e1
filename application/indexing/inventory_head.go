package indexing

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"time"

	"github.com/freshet/freshet/domain/catalog"
)

const inventoryMagic = "freshet catalogue\x01" // the last byte changes with the format

// unknownGaps is of an instance that does not read the database's log.
const unknownGaps = ^uint64(0)

// mostHead is how long a head may say it is, in bytes.
const mostHead = 1 << 16

// head is how a snapshot begins.
type head struct {
	whose uint64
	at    time.Time
	mark
	gaps uint64
	last []catalog.Snapshot // without details
}

// again is when the table can be looked at without what changed last before this; zero: it can.
func (h *head) again() (at time.Time) {
	for _, s := range h.last {
		if s.ChangedAt.After(at) {
			at = s.ChangedAt
		}
	}
	if at = at.Add(overlap); h.looked.After(at) {
		return time.Time{}
	}
	return at
}

// write puts down the head: its length, its fields, their checksum.
func (h *head) write(to io.Writer) error {
	var b []byte
	u64 := func(n uint64) { b = binary.LittleEndian.AppendUint64(b, n) }
	text := func(s string) { b = append(binary.LittleEndian.AppendUint16(b, uint16(len(s))), s...) }
	u64(h.whose)
	u64(uint64(h.at.UnixMilli()))
	u64(uint64(h.looked.UnixMilli()))
	u64(h.gaps)
	text(h.position)
	u64(uint64(len(h.last)))
	for _, s := range h.last {
		u64(uint64(s.Number))
		u64(s.Version)
		u64(uint64(s.ChangedAt.UnixMilli()))
		text(string(s.ID))
	}
	out := binary.LittleEndian.AppendUint32([]byte(inventoryMagic), uint32(len(b)))
	out = binary.LittleEndian.AppendUint32(append(out, b...), crc32.ChecksumIEEE(b))
	_, err := to.Write(out)
	return err
}

func readHead(from io.Reader) (*head, error) {
	b := make([]byte, len(inventoryMagic)+4)
	if _, err := io.ReadFull(from, b); err != nil {
		return nil, ErrSnapshotDamaged.Because(err)
	}
	long := binary.LittleEndian.Uint32(b[len(inventoryMagic):])
	if string(b[:len(inventoryMagic)]) != inventoryMagic || long > mostHead {
		return nil, ErrSnapshotDamaged
	}
	b = make([]byte, long+4)
	if _, err := io.ReadFull(from, b); err != nil {
		return nil, ErrSnapshotDamaged.Because(err)
	}
	b, sum := b[:long], binary.LittleEndian.Uint32(b[long:])
	if crc32.ChecksumIEEE(b) != sum {
		return nil, ErrSnapshotDamaged
	}
	r := leaf{bytes.NewReader(b), true}
	h := &head{whose: r.u64(), at: r.time()}
	h.looked, h.gaps, h.position = r.time(), r.u64(), r.text()
	for n := r.u64(); n > 0 && r.whole; n-- {
		s := catalog.Snapshot{Number: catalog.Number(r.u64()), Version: r.u64(), ChangedAt: r.time()}
		s.ID = catalog.ItemID(r.text())
		h.last = append(h.last, s)
	}
	if !r.whole || r.from.Len() > 0 {
		return nil, ErrSnapshotDamaged
	}
	return h, nil
}

// leaf reads what a head is made of; once something is missing, all is zero.
type leaf struct {
	from  *bytes.Reader
	whole bool
}

func (r *leaf) get(n int) []byte {
	b := make([]byte, n)
	if r.whole = r.whole && r.from.Len() >= n; r.whole {
		_, _ = r.from.Read(b) // there is as much
	}
	return b
}

func (r *leaf) u64() uint64 { return binary.LittleEndian.Uint64(r.get(8)) }

func (r *leaf) time() time.Time { return time.UnixMilli(int64(r.u64())).UTC() }

func (r *leaf) text() string { return string(r.get(int(binary.LittleEndian.Uint16(r.get(2))))) }

// of fails unless the snapshot is of this database and the records have not gone back since: what changed last before it
// was written has the same version there, changed at the same time, or a newer one.
func (h *head) of(ctx context.Context, whose uint64, repo catalog.ItemRepository) error {
	if h.whose != whose {
		return ErrSnapshotForeign
	}
	for _, s := range h.last {
		rows, err := repo.Scan(ctx, time.Time{}, s.Number-1, 1)
		if err != nil {
			return err
		}
		if len(rows) == 0 || rows[0].ID != s.ID || rows[0].Version < s.Version ||
			rows[0].Version == s.Version && rows[0].ChangedAt.UnixMilli() != s.ChangedAt.UnixMilli() {
			return ErrSnapshotForeign
		}
	}
	return nil
}

// Examine reads when a snapshot was written. It fails with ErrSnapshotDamaged, or ErrSnapshotForeign where it is not of the
// database that is named and holds these items; of what follows the head it reads nothing.
func Examine(ctx context.Context, from io.Reader, whose uint64, repo catalog.ItemRepository) (at time.Time, err error) {
	h, err := readHead(from)
	if err != nil {
		return time.Time{}, err
	}
	return h.at, h.of(ctx, whose, repo)
}
