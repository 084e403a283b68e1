package redisstore

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet/freshet/application/diagnosing"
)

// Condition is the diagnosing.FastStore of a real Redis: the embedded one does not say what it asks.
type Condition struct{ *Client }

// NewCondition works on c.
func NewCondition(c *Client) *Condition { return &Condition{c} }

// Nodes implements diagnosing.FastStore. It needs INFO alone.
func (s *Condition) Nodes(ctx context.Context) (nodes []diagnosing.Node, err error) {
	var mu sync.Mutex
	err = s.eachMaster(ctx, func(ctx context.Context, node redis.Cmdable) error {
		said := map[string]string{}
		for _, section := range []string{"memory", "persistence"} {
			text, err := node.Info(ctx, section).Result()
			if err != nil {
				return err
			}
			for line := range strings.Lines(text) {
				if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
					said[name] = value
				}
			}
		}
		n := diagnosing.Node{
			Policy: said["maxmemory_policy"], Append: said["aof_enabled"] == "1", Loading: said["loading"] == "1",
			Failing: said["aof_last_write_status"] == "err" || said["rdb_last_bgsave_status"] == "err",
		}
		n.Limit, _ = strconv.ParseInt(said["maxmemory"], 10, 64)
		n.Used, _ = strconv.ParseInt(said["used_memory"], 10, 64)
		mu.Lock()
		defer mu.Unlock()
		nodes = append(nodes, n)
		return nil
	})
	return nodes, err
}

// Streams implements diagnosing.FastStore. It tells those of exposures that there are.
func (s *Condition) Streams(ctx context.Context) ([]diagnosing.Stream, error) {
	now, err := s.rdb.Time(ctx).Result()
	if err != nil {
		return nil, unavailable(err)
	}
	var all []diagnosing.Stream
	for p := range partitions {
		one, err := s.stream(ctx, s.exposures(p))
		if err != nil {
			return nil, unavailable(err)
		}
		if one != nil {
			one.Now = now
			all = append(all, *one)
		}
	}
	return all, nil
}

// stream is nil where there is none of that name.
func (s *Condition) stream(ctx context.Context, name string) (*diagnosing.Stream, error) {
	is, err := s.rdb.XInfoStream(ctx, name).Result()
	if redis.HasErrorPrefix(err, "no such key") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	one := &diagnosing.Stream{Name: name, Length: is.Length, Newest: is.LastGeneratedID}
	if is.Length > 0 {
		at, _ := entryID(is.FirstEntry.ID)
		one.Oldest = time.UnixMilli(at).UTC()
	}
	groups, err := s.rdb.XInfoGroups(ctx, name).Result()
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		if g.Name != archiveGroup {
			continue
		}
		one.Grouped, one.Delivered, one.Pending = true, g.LastDeliveredID, g.Pending
		at, nth := entryID(g.LastDeliveredID)
		newest, newestNth := entryID(one.Newest)
		one.Beyond = at > newest || at == newest && nth > newestNth
	}
	if one.Pending > 0 {
		waiting, err := s.rdb.XPendingExt(ctx, &redis.XPendingExtArgs{Stream: name, Group: archiveGroup, Start: "-", End: "+", Count: 1}).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return nil, err
		}
		if len(waiting) > 0 {
			one.PendingIdle = waiting[0].Idle
		}
	}
	return one, nil
}
