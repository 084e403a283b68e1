package memindex

import (
	"time"

	"github.com/freshet/freshet/domain/recommend"
)

// smoothing keeps links from items that little is known of from being strong.
const smoothing = 5

// After implements recommend.Signals: at most Options.Neighbours for each item. The strength is
// C/(row+5) · (5/(5+p))^0.2, where C counts how often viewers turned from the one to the other, 0.9
// as much for each good act between, row is the sum of those counts and p the good acts on the other.
func (l *Learner) After(of []recommend.Ordinal, n int, into []recommend.Link) []recommend.Link {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for from, at := range of {
		slot := l.items.known(at)
		if slot == nobody {
			continue
		}
		r := l.items.at(slot).row
		if r == nil {
			continue
		}
		start := len(into)
		tos := r.tos[:min(len(r.tos), n+n/4)]
		counts, part := r.counts[:len(tos)], 1/(r.sum+smoothing)
		for i, to := range tos {
			share := counts[i] * part
			if share > 1 {
				share = 1
			}
			f := l.items.face(to - 1)
			if s := share * f.damp; s > 0 {
				into = append(into, recommend.Link{From: from, To: f.item, Strength: s})
			}
		}
		links := into[start:]
		for i := 1; i < len(links); i++ { // nearly in order already
			x, j := links[i], i
			for ; j > 0 && links[j-1].Strength < x.Strength; j-- {
				links[j] = links[j-1]
			}
			links[j] = x
		}
		into = into[:start+min(n, len(links))]
	}
	return into
}

// Popularity implements recommend.Signals: a mixture of counts with half-lives of an hour, a day
// and a week, weighted as the stream taught, in good acts as a day's half-life would count them.
func (l *Learner) Popularity(of []recommend.Ordinal, now time.Time, into []float32) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	at := l.fame.moment(now.UnixMilli())
	shares := l.fame.shares()
	for i, o := range of {
		into[i] = 0
		if slot := l.items.known(o); slot != nobody {
			into[i] = shares.of(l.items.at(slot), at)
		}
	}
}

// Fame implements recommend.Signals. Unlike popularity it goes by the time asked for: after a silence, what was
// liked last is not what is liked now.
func (l *Learner) Fame(of []recommend.Ordinal, now time.Time, into []recommend.Fame) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	at := now.UnixMilli()
	for i, o := range of {
		into[i] = recommend.Fame{Known: -1}
		slot := l.items.known(o)
		if slot == nobody {
			continue
		}
		r := l.items.at(slot)
		if r.total == 0 {
			continue
		}
		left := fades(max(0, at-r.praisedAt))
		for w := range into[i].Recent {
			into[i].Recent[w] = float32(float64(r.good[w]) * left[w])
		}
		into[i].Ever = r.total
		into[i].Known = max(0, time.Duration(at-r.bornAt)*time.Millisecond)
	}
}

// Trials implements recommend.Signals, with a half-life of 30 days before the newest event. A viewer
// who meets an item again within some two dozen others met it once.
func (l *Learner) Trials(of []recommend.Ordinal, into []recommend.Trial) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for i, o := range of {
		into[i] = recommend.Trial{}
		if slot := l.items.known(o); slot != nobody {
			into[i] = l.items.at(slot).trial(l.fame.now)
		}
	}
}
