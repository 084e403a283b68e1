package redisstore

import (
	"github.com/redis/go-redis/v9"

	"github.com/freshet/freshet/domain/feed"
)

// haul is what one Drain has taken so far.
type haul struct {
	limit       int
	exposures   []feed.Exposure
	byPartition map[int]*taken // what to forget once it is kept
	met         map[entry]struct{}
	left        bool // some that were taken are not in here
}

type entry struct {
	partition int
	id        string
}

func (h *haul) room() int { return h.limit - len(h.exposures) }

// held is how many entries of the partition need not be asked for again.
func (h *haul) held(partition int) int64 {
	if t := h.byPartition[partition]; t != nil {
		return int64(len(t.ids))
	}
	return 0
}

func (h *haul) add(partition int, messages []redis.XMessage) {
	for _, m := range messages {
		if h.room() == 0 {
			h.left = true
			return // it stays pending, and comes again
		}
		if _, again := h.met[entry{partition, m.ID}]; again {
			continue // claimed from ourselves, since idle is short
		}
		h.met[entry{partition, m.ID}] = struct{}{}
		visit, _ := m.Values["v"].(string)
		page, _ := m.Values["p"].(string)
		if (visit != "" && visit[0] > visitForm) || (page != "" && page[0] > pageForm) {
			h.left = true
			continue
		}
		t := h.byPartition[partition]
		if t == nil {
			t = &taken{partition: partition}
			h.byPartition[partition] = t
		}
		t.ids = append(t.ids, m.ID)
		v, ok1 := decodeVisit(visit)
		p, ok2 := decodePage(page)
		if ok1 && ok2 { // anything else was deleted, or never was an exposure: it is only forgotten
			h.exposures = append(h.exposures, feed.Exposure{Visit: v, Page: p})
		}
	}
}
