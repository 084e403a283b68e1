package redisstore

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet/freshet/domain/catalog"
)

// startPosition lies before every entry.
const startPosition = "0-0"

// longestBlock bounds one blocking read, since a client cannot take one back: a call whose context
// ends returns within it.
const longestBlock = 250 * time.Millisecond

// rewound is how far before the newest entry a follower goes on whose position lies beyond the stream: the stream began anew, by a
// clock that is behind the one before, or a replica took over that lacks the last entries. Nobody looks away for longer.
const rewound = time.Minute

// largestEntry is under the smallest limit that a Redis can be given for one value (proto-max-bulk-len, 1 MiB): beyond its
// limit it cuts the connection. Items that the commands accept take a fortieth.
const largestEntry = 1<<20 - 1<<10

// Changes is a catalog.Changes. A position older than what the stream still keeps, or taken before
// Redis lost its data, goes on at the oldest entry there is.
type Changes struct{ c *Client }

// NewChanges keeps the stream in c.
func NewChanges(c *Client) *Changes { return &Changes{c} }

// Publish implements catalog.Changes.
func (s *Changes) Publish(ctx context.Context, items []catalog.Snapshot) error {
	entries, err := entriesOf(items)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(entries, batch) {
		pipe := s.c.rdb.Pipeline()
		for _, entry := range some {
			pipe.XAdd(ctx, &redis.XAddArgs{
				Stream: s.c.changes(), MaxLen: s.c.opts.Changes, Approx: true,
				Values: []any{"s", entry},
			})
		}
		if _, err := pipe.Exec(ctx); err != nil {
			return unavailable(err)
		}
	}
	return nil
}

// entriesOf refuses what no follower could read.
func entriesOf(items []catalog.Snapshot) ([][]byte, error) {
	entries := make([][]byte, len(items))
	for i := range items {
		entry := appendSnapshot(nil, &items[i])
		if len(entry) > largestEntry {
			return nil, catalog.ErrUndeliverable.Saying("item %q takes %d bytes in the stream, at most %d fit", items[i].ID, len(entry), largestEntry)
		}
		if _, ok := decodeSnapshot(string(entry)); !ok {
			return nil, catalog.ErrUndeliverable.Saying("item %q holds what no entry of the stream can", items[i].ID)
		}
		entries[i] = entry
	}
	return entries, nil
}

// Position implements catalog.Changes.
func (s *Changes) Position(ctx context.Context) (string, error) {
	newest, err := s.c.rdb.XRevRangeN(ctx, s.c.changes(), "+", "-", 1).Result()
	if err != nil {
		return "", unavailable(err)
	}
	if len(newest) == 0 {
		return startPosition, nil
	}
	return newest[0].ID, nil
}

// Keeps implements catalog.Changes. Where the oldest entry there is came after the position, there may have been others.
func (s *Changes) Keeps(ctx context.Context, position string) (bool, error) {
	oldest, err := s.c.rdb.XRangeN(ctx, s.c.changes(), "-", "+", 1).Result()
	if err != nil {
		return false, unavailable(err)
	}
	if len(oldest) == 0 {
		return position == startPosition, nil
	}
	at, nth := entryID(position)
	oldestAt, oldestNth := entryID(oldest[0].ID)
	return at > oldestAt || at == oldestAt && nth >= oldestNth, nil
}

// Follow implements catalog.Changes. An empty position is the oldest. Entries in a form of another
// version are passed over.
func (s *Changes) Follow(ctx context.Context, position string, limit int, wait time.Duration) ([]catalog.Snapshot, string, error) {
	if position == "" {
		position = startPosition
	}
	until := time.Now().Add(wait)
	for {
		block := time.Duration(-1) // do not block: a block of zero would be for ever
		if left := time.Until(until); left >= time.Millisecond {
			block = min(left, longestBlock)
		}
		entries, err := s.read(ctx, position, limit, block)
		if err != nil {
			return nil, position, unavailable(err)
		}
		snapshots := make([]catalog.Snapshot, 0, len(entries))
		for _, e := range entries {
			position = e.ID
			text, _ := e.Values["s"].(string)
			if snapshot, ok := decodeSnapshot(text); ok {
				snapshots = append(snapshots, snapshot)
			}
		}
		if len(entries) == 0 {
			if position, err = s.within(ctx, position); err != nil {
				return nil, position, err
			}
		}
		if len(snapshots) > 0 || !time.Now().Before(until) {
			return snapshots, position, nil
		}
	}
}

// within returns the position, or one in the stream where that lies beyond it.
func (s *Changes) within(ctx context.Context, position string) (string, error) {
	newest, err := s.Position(ctx)
	if err != nil || newest == startPosition {
		return position, err
	}
	at, nth := entryID(position)
	newestAt, newestNth := entryID(newest)
	if at < newestAt || at == newestAt && nth <= newestNth {
		return position, nil
	}
	return strconv.FormatInt(max(0, newestAt-rewound.Milliseconds()), 10) + "-0", nil
}

// entryID are the two numbers of an entry's id: a time in ms, and which of that time it is.
func entryID(text string) (at, nth int64) {
	first, second, _ := strings.Cut(text, "-")
	at, _ = strconv.ParseInt(first, 10, 64)
	nth, _ = strconv.ParseInt(second, 10, 64)
	return at, nth
}

func (s *Changes) read(ctx context.Context, position string, limit int, block time.Duration) ([]redis.XMessage, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	streams, err := s.c.rdb.XRead(ctx, &redis.XReadArgs{
		Streams: []string{s.c.changes(), position}, Count: int64(limit), Block: block,
	}).Result()
	if errors.Is(err, redis.Nil) || (err == nil && len(streams) == 0) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return streams[0].Messages, nil
}
