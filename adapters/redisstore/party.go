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

// party is the processes that connections were made to, and those that RunID named last. It counts connections to any other.
type party struct {
	mu        sync.Mutex
	met       map[string]struct{}
	known     []string
	strangers atomic.Int64
}

// Restarts grows with each server beyond the first that a connection was made to, before anything is asked over it. A cluster has several to
// begin with.
func (c *Client) Restarts() uint64 {
	c.party.mu.Lock()
	defer c.party.mu.Unlock()
	return uint64(max(len(c.party.met), 1) - 1)
}

// Strangers counts connections to processes that RunID had not named when it was asked last, each before anything else is asked over it.
// While the number stays, every answer comes from the processes that RunID named after the number was had.
func (c *Client) Strangers() int64 { return c.party.strangers.Load() }

func (p *party) know(ids []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known = ids
}

// welcome looks at a new connection. One of which the process cannot be told is not used.
func (p *party) welcome(ctx context.Context, conn *redis.Conn) error {
	id, err := runIDOf(ctx, conn)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil || !slices.Contains(p.known, id) {
		p.strangers.Add(1)
	}
	if err == nil {
		if p.met == nil {
			p.met = make(map[string]struct{})
		}
		p.met[id] = struct{}{}
	}
	return err
}

var runID = regexp.MustCompile(`(?m)^run_id:(\w+)\r?$`)

func runIDOf(ctx context.Context, node redis.Cmdable) (string, error) {
	info, err := node.Info(ctx, "server").Result()
	if err != nil {
		return "", err
	}
	found := runID.FindStringSubmatch(info)
	if found == nil {
		return "", errors.New("INFO names no run_id")
	}
	return found[1], nil
}
