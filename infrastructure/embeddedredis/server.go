package embeddedredis

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// Options bound the server. Zero values mean the defaults.
type Options struct {
	// Tick is how often keys are checked for expiry; default 100 ms. A key ends up to one tick early.
	// With many keys a check takes longer, and ticks spread so that checking takes about 1 % of the time.
	Tick time.Duration
	// MaxKeys is how many keys are held, about; default 200,000. Past it those that would end first
	// are dropped; keys that never end stay.
	MaxKeys int
	// Password keeps other users of the machine out; empty: everybody on it may come in.
	Password string
}

// Server is a running server. It is safe for concurrent use.
type Server struct {
	redis *miniredis.Miniredis
	runID string
	opts  Options
	plain appendOnly
	stop  chan struct{}
	done  sync.WaitGroup
	once  sync.Once
}

// Start listens on a free port of the loopback interface. The caller closes the server.
func Start(opts Options) (*Server, error) {
	opts.Tick = cmp.Or(opts.Tick, 100*time.Millisecond)
	opts.MaxKeys = cmp.Or(opts.MaxKeys, 200_000)
	id := make([]byte, 20)
	_, _ = rand.Read(id) // never fails
	s := &Server{redis: miniredis.NewMiniRedis(), runID: hex.EncodeToString(id), opts: opts, stop: make(chan struct{})}
	if opts.Password != "" {
		s.redis.RequireAuth(opts.Password)
	}
	if err := s.redis.Start(); err != nil {
		return nil, fmt.Errorf("start the embedded redis: %w", err)
	}
	s.redis.Server().SetPreHook(s.answer)
	s.done.Add(1)
	go s.age()
	return s, nil
}

// Addr is host:port.
func (s *Server) Addr() string { return s.redis.Addr() }

// Close ends all connections and everything that Start started. Closing again does nothing.
func (s *Server) Close() {
	s.once.Do(func() {
		close(s.stop)
		s.done.Wait()
		s.redis.Close()
	})
}

// age lets keys grow older by the time that really passed.
func (s *Server) age() {
	defer s.done.Done()
	timer := time.NewTimer(s.opts.Tick)
	defer timer.Stop()
	last := time.Now()
	for {
		select {
		case <-s.stop:
			return
		case <-timer.C:
		}
		now := time.Now()
		s.redis.FastForward(now.Sub(last))
		last = now
		s.evict()
		timer.Reset(max(s.opts.Tick, 100*time.Since(now)))
	}
}

// evict drops the keys that would end first, a tenth more than it must.
func (s *Server) evict() {
	db := s.redis.DB(0)
	keys := db.Keys()
	if len(keys) <= s.opts.MaxKeys {
		return
	}
	type mortal struct {
		key string
		ttl time.Duration
	}
	var mortals []mortal
	for _, key := range keys {
		if ttl := db.TTL(key); ttl > 0 {
			mortals = append(mortals, mortal{key, ttl})
		}
	}
	slices.SortFunc(mortals, func(a, b mortal) int { return cmp.Compare(a.ttl, b.ttl) })
	for _, m := range mortals[:min(len(mortals), len(keys)-s.opts.MaxKeys*9/10)] {
		db.Del(m.key)
	}
}

// answer takes the commands that miniredis does not know, or is slow at, and reports whether it did.
func (s *Server) answer(c *server.Peer, cmd string, args ...string) bool {
	switch cmd {
	case "INFO":
		if len(args) == 1 && args[0] == "server" {
			c.WriteBulk("# Server\r\nredis_version:7.0.0\r\nredis_mode:standalone\r\nrun_id:" + s.runID + "\r\n")
			return true
		}
	case "XREAD":
		return s.xread(c, args)
	case "XDEL", "XTRIM", "XADD":
		s.plain.observe(cmd, args)
	}
	return false
}
