package redisstore

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// party is the processes that RunID named last. It counts connections to any other.
type party struct {
	mu        sync.Mutex
	known     []string
	strangers atomic.Int64
}

// Strangers counts connections to processes that RunID had not named when it was asked last, each before anything else is asked over it.
// While the number stays, every answer comes from the processes that RunID named after the number was had.
func (c *Client) Strangers() int64 { return c.party.strangers.Load() }

func (p *party) know(ids []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known = ids
}

// welcome looks at a new connection.
func (p *party) welcome(ctx context.Context, conn *redis.Conn) error {
	id := ""
	if info, err := conn.Info(ctx, "server").Result(); err == nil {
		id, _ = runIDOf(info)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Contains(p.known, id) {
		p.strangers.Add(1)
	}
	return nil // what is wrong with it will be seen by who asks over it
}

var runID = regexp.MustCompile(`(?m)^run_id:(\w+)\r?$`)

func runIDOf(info string) (string, error) {
	found := runID.FindStringSubmatch(info)
	if found == nil {
		return "", errors.New("INFO names no run_id")
	}
	return found[1], nil
}
