package snowflake

import "time"

// Layout divides an id, from the highest bit: time, worker, sequence. Together they are at most 63 bits.
type Layout struct {
	Epoch                              time.Time     // of time 0
	Unit                               time.Duration // of time; whole milliseconds
	TimeBits, WorkerBits, SequenceBits uint
}

// Wide has 63 bits: 69 years of milliseconds from 2026 on, 1,024 workers, 4,096 ids a millisecond from each.
var Wide = Layout{Epoch: epoch, Unit: time.Millisecond, TimeBits: 41, WorkerBits: 10, SequenceBits: 12}

// JSON has 53 bits, so that a reader of JSON that knows only floating point reads every id exactly: 34 years of seconds from
// 2026 on, 256 workers, 32,768 ids a second from each.
var JSON = Layout{Epoch: epoch, Unit: time.Second, TimeBits: 30, WorkerBits: 8, SequenceBits: 15}

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Parts are what an id says.
type Parts struct {
	At       time.Time // in whole units
	Worker   int
	Sequence int
}

// Split takes an id of this layout apart.
func (l Layout) Split(id uint64) Parts {
	return Parts{
		At:       l.Epoch.Add(time.Duration(id>>l.timeShift()&mask(l.TimeBits)) * l.Unit),
		Worker:   int(id >> l.SequenceBits & mask(l.WorkerBits)),
		Sequence: int(id & mask(l.SequenceBits)),
	}
}

// Join is the id that Split takes apart so. What does not fit is cut off; a time before the epoch is the epoch.
func (l Layout) Join(p Parts) uint64 {
	return l.unitsAt(p.At)&mask(l.TimeBits)<<l.timeShift() |
		uint64(p.Worker)&mask(l.WorkerBits)<<l.SequenceBits | uint64(p.Sequence)&mask(l.SequenceBits)
}

// Workers is how many there can be.
func (l Layout) Workers() int { return 1 << l.WorkerBits }

// Ends is the first moment for which there are no ids.
func (l Layout) Ends() time.Time { return l.Epoch.Add(time.Duration(1<<l.TimeBits) * l.Unit) }

func (l Layout) timeShift() uint { return l.WorkerBits + l.SequenceBits }

// unitsAt is how many whole units are between the epoch and t; 0 before it.
func (l Layout) unitsAt(t time.Time) uint64 {
	return uint64(max(0, t.UnixMilli()-l.Epoch.UnixMilli())) / uint64(l.Unit.Milliseconds())
}

func mask(bits uint) uint64 { return 1<<bits - 1 }
