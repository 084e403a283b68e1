package redisstore

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet/freshet/domain/feed"
)

// archiveGroup is the consumer group of each partition's stream.
const archiveGroup = "archive"

// Exposures is a feed.Exposures over the streams that Sessions.Commit appends to. An exposure in a
// form of another version is left for a consumer that can read it.
type Exposures struct {
	c       *Client
	lengths [partitions][]any // the commands that ask for them, several times a second
	first   atomic.Uint32     // the partition that the next Drain begins with, so that none waits for ever

	consumers
}

// NewExposures drains the streams in c.
func NewExposures(c *Client) *Exposures {
	s := &Exposures{c: c}
	for p := range s.lengths {
		s.lengths[p] = []any{"xlen", c.exposures(p)}
	}
	return s
}

// taken is what a Drain holds of one partition.
type taken struct {
	partition int
	ids       []string
}

// Drain implements feed.Exposures. Its own exposures that were not kept come again with the next
// Drain, without waiting for idle.
func (s *Exposures) Drain(ctx context.Context, consumer string, limit int, idle time.Duration, keep func([]feed.Exposure) error) (int, error) {
	waiting, err := s.waiting(ctx)
	if err != nil {
		return 0, err
	}
	well := false
	again, claim, end := s.begin(consumer, idle)
	defer func() { end(well) }()
	all := &haul{limit: limit, byPartition: map[int]*taken{}, met: map[entry]struct{}{}}
	for _, from := range []string{"0", ">"} { // what was taken before and not kept, and what is new
		if from == "0" && !again {
			continue
		}
		err := s.take(ctx, waiting, all, func(ctx context.Context, p redis.Pipeliner, stream string, n int64) *redis.XStreamSliceCmd {
			return readGroup(ctx, p, stream, consumer, from, n)
		})
		if err != nil {
			return 0, err
		}
	}
	if claim {
		if err := s.claim(ctx, waiting, all, consumer, idle); err != nil {
			return 0, err
		}
	}
	if len(all.exposures) > 0 {
		if err := keep(all.exposures); err != nil {
			return 0, err
		}
	}
	if err := s.forget(ctx, all); err != nil {
		return len(all.exposures), err
	}
	well = !all.left
	return len(all.exposures), nil
}

// lane is a partition whose stream is not empty.
type lane struct {
	partition int
	stream    string
	length    int64
}

// Waiting implements feed.Exposures.
func (s *Exposures) Waiting(ctx context.Context) (int64, error) {
	lanes, err := s.waiting(ctx)
	total := int64(0)
	for _, l := range lanes {
		total += l.length
	}
	return total, err
}

func (s *Exposures) waiting(ctx context.Context) ([]lane, error) {
	pipe := s.c.rdb.Pipeline()
	lengths := make([]*redis.IntCmd, partitions)
	for i := range lengths {
		lengths[i] = redis.NewIntCmd(ctx, s.lengths[i]...)
		_ = pipe.Process(ctx, lengths[i]) // which only queues it
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, unavailable(err)
	}
	first := int(s.first.Add(1))
	var lanes []lane
	for i := range partitions {
		p := (first + i) % partitions
		if n := lengths[p].Val(); n > 0 {
			lanes = append(lanes, lane{p, s.c.exposures(p), n})
		}
	}
	return lanes, nil
}

func readGroup(ctx context.Context, p redis.Pipeliner, stream, consumer, from string, n int64) *redis.XStreamSliceCmd {
	return p.XReadGroup(ctx, &redis.XReadGroupArgs{
		Group: archiveGroup, Consumer: consumer, Streams: []string{stream, from}, Count: n, Block: -1,
	})
}

// take reads from every lane what the haul still has room for. Lanes without a group get one.
func (s *Exposures) take(ctx context.Context, lanes []lane, all *haul,
	read func(context.Context, redis.Pipeliner, string, int64) *redis.XStreamSliceCmd) error {
	for len(lanes) > 0 && all.room() > 0 {
		pipe, room := s.c.rdb.Pipeline(), int64(all.room())
		var asked []lane
		var answers []*redis.XStreamSliceCmd
		for _, l := range lanes {
			n := min(room, l.length)
			if n == 0 {
				break
			}
			room -= n
			asked, answers = append(asked, l), append(answers, read(ctx, pipe, l.stream, n))
		}
		_, _ = pipe.Exec(ctx) // each answer holds its own error
		var groupless []lane
		for i, a := range answers {
			streams, err := a.Result()
			switch {
			case err == nil && len(streams) > 0:
				all.add(asked[i].partition, streams[0].Messages)
			case err == nil || errors.Is(err, redis.Nil):
			case redis.HasErrorPrefix(err, "NOGROUP"):
				groupless = append(groupless, asked[i])
			default:
				return unavailable(err)
			}
		}
		if err := s.found(ctx, groupless); err != nil {
			return err
		}
		lanes = append(groupless, lanes[len(asked):]...)
	}
	return nil
}

// found creates the consumer groups of streams that have none: new ones, and all after Redis lost its data.
func (s *Exposures) found(ctx context.Context, lanes []lane) error {
	if len(lanes) == 0 {
		return nil
	}
	pipe := s.c.rdb.Pipeline()
	created := make([]*redis.StatusCmd, len(lanes))
	for i, l := range lanes {
		created[i] = pipe.XGroupCreateMkStream(ctx, l.stream, archiveGroup, "0")
	}
	_, _ = pipe.Exec(ctx)
	for _, c := range created {
		if err := c.Err(); err != nil && !redis.HasErrorPrefix(err, "BUSYGROUP") {
			return unavailable(err)
		}
	}
	return nil
}

// claim takes over what other consumers took and did not keep within idle.
func (s *Exposures) claim(ctx context.Context, lanes []lane, all *haul, consumer string, idle time.Duration) error {
	for from := 0; from < len(lanes) && all.room() > 0; {
		pipe, room := s.c.rdb.Pipeline(), int64(all.room())
		var asked []lane
		var answers []*redis.XAutoClaimCmd
		for ; from < len(lanes) && room > 0; from++ {
			l := lanes[from]
			n := min(room, l.length-all.held(l.partition))
			if n <= 0 {
				continue
			}
			room -= n
			asked = append(asked, l)
			answers = append(answers, pipe.XAutoClaim(ctx, &redis.XAutoClaimArgs{
				Stream: l.stream, Group: archiveGroup, Consumer: consumer, MinIdle: idle, Start: "0-0", Count: n,
			}))
		}
		if len(asked) == 0 {
			return nil
		}
		_, _ = pipe.Exec(ctx)
		for i, a := range answers {
			messages, _, err := a.Result()
			if err != nil && !errors.Is(err, redis.Nil) && !redis.HasErrorPrefix(err, "NOGROUP") {
				return unavailable(err)
			}
			all.add(asked[i].partition, messages)
		}
	}
	return nil
}

// forget removes what was kept: first the entry, so that a failure in between leaves nothing behind
// that would be counted as waiting.
func (s *Exposures) forget(ctx context.Context, all *haul) error {
	if len(all.byPartition) == 0 {
		return nil
	}
	pipe := s.c.rdb.Pipeline()
	for _, t := range all.byPartition {
		stream := s.c.exposures(t.partition)
		pipe.XDel(ctx, stream, t.ids...)
		pipe.XAck(ctx, stream, archiveGroup, t.ids...)
	}
	_, err := pipe.Exec(ctx)
	return unavailable(err)
}
