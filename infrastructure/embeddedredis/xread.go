package embeddedredis

import (
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// pollEvery is how late a blocked reader may learn of an entry.
const pollEvery = 5 * time.Millisecond

// xread answers XREAD [COUNT n] [BLOCK ms] STREAMS key id for streams that are only appended to, by
// binary search: miniredis walks the whole stream, for a blocked reader at every command of anyone.
// It reports false, having written nothing, where it leaves the command to miniredis. Inside MULTI it must
// not be used: it answers at once.
func (s *Server) xread(c *server.Peer, args []string) bool {
	count, wait, key, after, ok := parseXread(args)
	if !ok {
		return false
	}
	until := time.Now().Add(wait)
	for {
		entries, ok := s.after(key, after, count)
		if !ok {
			return false
		}
		if len(entries) > 0 {
			writeStream(c, key, entries)
			return true
		}
		left := time.Until(until)
		if left <= 0 || c.Closed() {
			c.WriteLen(-1)
			return true
		}
		select {
		case <-s.stop:
			c.WriteLen(-1)
			return true
		case <-time.After(min(left, pollEvery)):
		}
	}
}

func (s *Server) after(key string, after streamID, count int) ([]miniredis.StreamEntry, bool) {
	entries, err := s.redis.DB(0).Stream(key)
	if err != nil {
		return nil, false
	}
	return s.plain.read(key, func() []miniredis.StreamEntry {
		from := sort.Search(len(entries), func(i int) bool {
			id, _ := parseID(entries[i].ID)
			return after.before(id)
		})
		found := entries[from:]
		return append([]miniredis.StreamEntry(nil), found[:min(count, len(found))]...)
	})
}

// parseXread takes only a single stream, an id that is a number, and a block that ends.
func parseXread(args []string) (count int, wait time.Duration, key string, after streamID, ok bool) {
	count = 1 << 30
	for len(args) >= 2 {
		n, err := strconv.Atoi(args[1])
		switch strings.ToUpper(args[0]) {
		case "COUNT":
			count = n
		case "BLOCK":
			wait = time.Duration(n) * time.Millisecond
		case "STREAMS":
			if len(args) != 3 {
				return
			}
			after, ok = parseID(args[2])
			return count, wait, args[1], after, ok
		default:
			return
		}
		if err != nil || n <= 0 {
			return
		}
		args = args[2:]
	}
	return
}

func writeStream(c *server.Peer, key string, entries []miniredis.StreamEntry) {
	c.WriteLen(1)
	c.WriteLen(2)
	c.WriteBulk(key)
	c.WriteLen(len(entries))
	for _, e := range entries {
		c.WriteLen(2)
		c.WriteBulk(e.ID)
		c.WriteLen(len(e.Values))
		for _, v := range e.Values {
			c.WriteBulk(v)
		}
	}
}

type streamID [2]uint64

func (a streamID) before(b streamID) bool { return a[0] < b[0] || (a[0] == b[0] && a[1] < b[1]) }

func parseID(s string) (id streamID, ok bool) {
	ms, seq, _ := strings.Cut(s, "-")
	var err1, err2 error
	id[0], err1 = strconv.ParseUint(ms, 10, 64)
	if seq != "" {
		id[1], err2 = strconv.ParseUint(seq, 10, 64)
	}
	return id, err1 == nil && err2 == nil
}

// appendOnly knows the streams from whose middle something was taken: miniredis then moves entries in
// place, and they may only be read under its own lock.
type appendOnly struct {
	mu    sync.RWMutex
	moved map[string]struct{}
}

// observe is called before the command runs.
func (a *appendOnly) observe(cmd string, args []string) {
	if len(args) == 0 || (cmd == "XADD" && !hasMinID(args)) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.moved == nil {
		a.moved = map[string]struct{}{}
	}
	a.moved[args[0]] = struct{}{}
}

// read runs do while no entry of the stream moves; it reports false where one may have moved before.
func (a *appendOnly) read(key string, do func() []miniredis.StreamEntry) ([]miniredis.StreamEntry, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if _, moved := a.moved[key]; moved {
		return nil, false
	}
	return do(), true
}

func hasMinID(args []string) bool {
	for _, arg := range args[1:min(len(args), 3)] {
		if strings.EqualFold(arg, "MINID") {
			return true
		}
	}
	return false
}
