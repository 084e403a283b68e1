package rpc

import (
	"math"
	"time"

	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/ports/wire"
)

// timeOf reads epoch milliseconds; 0 is no time.
func timeOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return wire.Given(time.UnixMilli(ms))
}

func millisOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// durationOf reads milliseconds; what no duration can hold becomes the longest there is, of either sign,
// which every limit refuses.
func durationOf(ms int64) time.Duration {
	const most = math.MaxInt64 / int64(time.Millisecond)
	return time.Duration(min(max(ms, -most), most)) * time.Millisecond
}

// parsed reads a field that is needed.
func parsed[T any](field, text string, parse func(string) (T, error)) (T, error) {
	v, err := parse(text)
	switch {
	case text == "":
		return v, engagement.ErrMissing.On(field)
	case err != nil:
		return v, fault.Of(err).On(field)
	}
	return v, nil
}

// pick is value where the request has it, and nil where it has not.
func pick[T, V any](sent *T, value func(T) V) *V {
	if sent == nil {
		return nil
	}
	v := value(*sent)
	return &v
}
