package redisstore

import (
	"context"
	"embed"
	"strings"

	"github.com/redis/go-redis/v9"
)

//go:embed scripts/*.lua
var scriptFiles embed.FS

var (
	commitScript  = script("bytes", "served", "commit")
	noteScript    = redis.NewScript(noteSource)
	decideScript  = script("will", "decide")
	restoreScript = script("bytes", "served", "will", "restore")
	reopenScript  = script("reopen")
	markScript    = script("mark")
	eraseScript   = script("bytes", "packed", "past", "erase")
	lookupScript  = script("cached", "lookup")
	fillScript    = script("cached", "fill")
	storeScript   = script("cached", "store")
)

var (
	noteSource    = source("bytes", "packed", "past", "drop", "marks", "acts", "will", "note")
	decidedSource = source("will", "decided")
	decidedScript = redis.NewScript(decidedSource)
)

func script(names ...string) *redis.Script { return redis.NewScript(source(names...)) }

// source joins files of the scripts folder: what the first define, the last uses.
func source(names ...string) string {
	var all strings.Builder
	for _, name := range names {
		text, err := scriptFiles.ReadFile("scripts/" + name + ".lua")
		if err != nil {
			panic(err) // the files are compiled in
		}
		all.Write(text)
	}
	return all.String()
}

// call is one run of a script.
type call struct {
	keys   []string
	args   []any
	answer *int64 // where a number that it answers goes; nil: nowhere
}

// batch bounds what one pipeline holds, so that a slow server answers within the read timeout.
const batch = 256

// runAll runs the script for all calls, pipelined. A node that does not know the script, because it
// is new or was restarted, is taught it by a second pipeline of those calls alone.
func (c *Client) runAll(ctx context.Context, s *redis.Script, calls []call) error {
	for len(calls) > 0 {
		n := min(len(calls), batch)
		unknown, err := c.runBatch(ctx, s.EvalSha, calls[:n])
		if err == nil && len(unknown) > 0 {
			_, err = c.runBatch(ctx, s.Eval, unknown)
		}
		if err != nil {
			return unavailable(err)
		}
		calls = calls[n:]
	}
	return nil
}

type runner func(ctx context.Context, c redis.Scripter, keys []string, args ...any) *redis.Cmd

func (c *Client) runBatch(ctx context.Context, run runner, calls []call) (unknown []call, err error) {
	pipe := c.rdb.Pipeline()
	answers := make([]*redis.Cmd, len(calls))
	for i, one := range calls {
		answers[i] = run(ctx, pipe, one.keys, one.args...)
	}
	_, _ = pipe.Exec(ctx) // each answer holds its own error
	for i, a := range answers {
		switch err := a.Err(); {
		case err == nil:
			if to := calls[i].answer; to != nil {
				*to, _ = a.Int64()
			}
		case redis.HasErrorPrefix(err, "NOSCRIPT"):
			unknown = append(unknown, calls[i])
		default:
			return nil, err
		}
	}
	return unknown, nil
}
