package learning

import (
	"fmt"
	"time"

	"github.com/freshet/freshet/domain/engagement"
)

// StudentOptions bound what a Student does and keeps; a zero field takes its default.
type StudentOptions struct {
	Viewers   int // whose last acts are remembered; the longest idle is forgotten first. 20,000
	First     int // choices of which all are studied; of the n-th after them First/n. 20,000
	Least     int // but at least one in so many. 50
	PerHour   int // choices of one viewer that count in an hour of the viewer's clock, which only advances. 50
	Flood     int // and in an hour of the server's clock, whatever the viewer's clock says. 500
	PerSecond int // studies in a second of the server's clock. 100
}

func (o StudentOptions) filled() StudentOptions {
	set := func(field *int, to int) {
		if *field <= 0 {
			*field = to
		}
	}
	set(&o.Viewers, 20_000)
	set(&o.First, 20_000)
	set(&o.Least, 50)
	set(&o.PerHour, 50)
	set(&o.Flood, 500)
	set(&o.PerSecond, 100)
	return o
}

// fingerprint is of all that decides what is studied and kept.
func (o *StudentOptions) fingerprint() uint64 { return digest(fmt.Sprintf("%+v", *o)) }

// chance is the share of choices that are studied after n.
func (o *StudentOptions) chance(n uint64) float64 {
	if n < uint64(o.First) {
		return 1
	}
	return max(float64(o.First)/float64(n+1), 1/float64(o.Least))
}

// falls reports whether something of that chance happens; luck is uniform.
func falls(luck uint64, chance float64) bool { return float64(luck>>11)/(1<<53) < chance }

// luckOf is uniform, and the same for the same event.
func luckOf(e *engagement.Logged) uint64 {
	return mixed(digest(string(e.ID)) ^ uint64(e.Offset)*0x9e3779b97f4a7c15)
}

// pace counts studies by seconds of the server's clock.
type pace struct {
	second  int64
	studies int
}

func (p *pace) admit(received time.Time, most int) bool {
	if second := received.Unix(); second > p.second {
		p.second, p.studies = second, 0
	}
	p.studies++
	return p.studies <= most
}

// digest is FNV-1a, the same in every process.
func digest(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// mixed spreads the bits of a number evenly.
func mixed(n uint64) uint64 {
	n ^= n >> 33
	n *= 0xff51afd7ed558ccd
	n ^= n >> 33
	n *= 0xc4ceb9fe1a85ec53
	return n ^ n>>33
}
