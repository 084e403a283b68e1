package kafkastore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

// A record begins with magic, the version of its encoding and its kind. Records without magic are not ours, and everybody
// passes them over; one of ours that cannot be read keeps everybody from going on, for it may hold events.
const (
	magic   = "frs1"
	version = 1

	ofEvents  = 1
	ofBarrier = 2
)

var (
	errForeign = errors.New("the record is not of an event log")
	errRecord  = fault.New(fault.Internal, "record_unreadable", "a record of the event log cannot be read; it is damaged, or of a newer version of this program")
)

// record is what a record of the topic says.
type record struct {
	barrier  bool
	window   int // of a barrier: how many ids are remembered from here on
	received time.Time
	events   []engagement.Event
}

func header(kind byte) []byte { return append([]byte(magic), version, kind) }

func encodeBarrier(window int) []byte {
	return binary.AppendUvarint(header(ofBarrier), uint64(window))
}

func encodeEvents(events []engagement.Event, received time.Time) []byte {
	b := header(ofEvents)
	b = binary.AppendVarint(b, received.UnixMilli())
	b = binary.AppendUvarint(b, uint64(len(events)))
	for i := range events {
		e := &events[i]
		for _, text := range []string{string(e.ID), string(e.Viewer), string(e.Item), string(e.Author), e.Session, e.Context} {
			b = binary.AppendUvarint(b, uint64(len(text)))
			b = append(b, text...)
		}
		auto := byte(0)
		if e.AutoPresented {
			auto = 1
		}
		b = append(b, byte(e.Act), auto)
		b = binary.AppendVarint(b, received.UnixMilli()-e.At.UnixMilli())
		b = binary.AppendVarint(b, e.Watched.Milliseconds())
		b = binary.AppendVarint(b, e.Duration.Milliseconds())
	}
	return b
}

func decode(b []byte) (*record, error) {
	if len(b) < len(magic) || string(b[:len(magic)]) != magic {
		return nil, errForeign
	}
	d := &decoder{rest: b[len(magic):]}
	if v := d.byte(); v != version && !d.failed {
		return nil, errRecord.Because(fmt.Errorf("its version is %d", v))
	}
	r := &record{}
	switch kind := d.byte(); kind {
	case ofBarrier:
		window := d.uvarint()
		d.refuse(window == 0 || window > MaxWindow)
		r.barrier, r.window = true, int(window)
	case ofEvents:
		d.events(r)
	default:
		d.failed = true
	}
	if d.failed || len(d.rest) > 0 {
		return nil, errRecord
	}
	return r, nil
}

// decoder takes one thing after the other; once something is missing, everything is zero.
type decoder struct {
	rest   []byte
	failed bool
}

// leastEvent is how many bytes an event takes at least.
const leastEvent = 6 + 2 + 3

func (d *decoder) events(r *record) {
	received := d.varint()
	r.received = d.moment(received)
	n := d.uvarint()
	if d.failed || n > uint64(len(d.rest)/leastEvent) {
		d.failed = true
		return
	}
	r.events = make([]engagement.Event, n)
	text := string(d.rest) // every id is a part of it
	for i := range r.events {
		e := &r.events[i]
		e.ID, e.Viewer = engagement.EventID(d.text(text)), audience.ViewerID(d.text(text))
		e.Item, e.Author = catalog.ItemID(d.text(text)), catalog.AuthorID(d.text(text))
		e.Session, e.Context = d.text(text), d.text(text)
		e.Act = audience.Act(d.byte())
		d.refuse(e.Act.String() == "")
		auto := d.byte()
		e.AutoPresented = auto == 1
		d.refuse(auto > 1)
		e.At = d.moment(received - d.varint())
		e.Watched, e.Duration = d.span(), d.span()
	}
}

func (d *decoder) refuse(bad bool) { d.failed = d.failed || bad }

// moment refuses what no clock says.
func (d *decoder) moment(ms int64) time.Time {
	d.refuse(ms < -1<<48 || ms > 1<<48)
	return time.UnixMilli(ms).UTC()
}

func (d *decoder) span() time.Duration {
	ms := d.varint()
	d.refuse(ms < 0 || ms > engagement.MaxWatch.Milliseconds())
	return time.Duration(ms) * time.Millisecond
}

func (d *decoder) byte() byte {
	if len(d.rest) == 0 {
		d.failed = true
		return 0
	}
	b := d.rest[0]
	d.rest = d.rest[1:]
	return b
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	return advance(d, v, n)
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.rest)
	return advance(d, v, n)
}

func advance[T int64 | uint64](d *decoder, v T, n int) T {
	if n <= 0 {
		d.failed, d.rest = true, nil
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

// text takes a text out of all, of which the rest is the end.
func (d *decoder) text(all string) string {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.failed, d.rest = true, nil
		return ""
	}
	at := len(all) - len(d.rest)
	d.rest = d.rest[n:]
	return all[at : at+int(n)]
}
