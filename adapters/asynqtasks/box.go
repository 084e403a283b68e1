package asynqtasks

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet/freshet/application/notifying"
	"github.com/freshet/freshet/domain/engagement"
)

// A subject's keys lie under the hash tag of its token:
//
//	{<token>}:task       hash    kind, id, events, upto, since, at: what is to be told
//	{<token>}:task.held  string  a task was taken within the window
//	{<token>}:task.run   string  a task is being run: nothing is put down meanwhile
//	{<token>}:task.told  string  up to where it was told lately
const (
	boxLife   = 7 * 24 * time.Hour // what could not be told for so long is forgotten
	runLife   = runTime + 5*time.Second
	toldLater = time.Minute // what was told is not told again when somebody goes on from an older offset
)

//go:embed scripts/put.lua
var putText string

//go:embed scripts/told.lua
var toldText string

var putScript, toldScript = redis.NewScript(putText), redis.NewScript(toldText)

// token stands for the subject where asynq keeps it.
func token(s notifying.Subject) string {
	sum := sha256.Sum256([]byte(string(s.Kind) + "\x00" + s.ID))
	return hex.EncodeToString(sum[:16])
}

type boxKeys struct{ box, held, run, told string }

func (q *Queue) keysOf(token string) boxKeys {
	box := q.prefix + "{" + token + "}:task"
	return boxKeys{box, box + ".held", box + ".run", box + ".told"}
}

// put answers as scripts/put.lua says.
func (q *Queue) put(ctx context.Context, token string, t notifying.Task, window time.Duration) (int64, error) {
	k := q.keysOf(token)
	return putScript.Run(ctx, q.rdb, []string{k.box, k.held, k.told, k.run},
		max(1, window.Milliseconds()), string(t.Kind), t.ID, t.Events, uint64(t.UpTo), t.Since.UnixMilli(), t.At.UnixMilli(), boxLife.Milliseconds(),
	).Int64()
}

// take reads what is to be told, and has the box stay as it is until settle or release; nothing is: false.
func (q *Queue) take(ctx context.Context, token string) (t notifying.Task, any bool, err error) {
	k := q.keysOf(token)
	if err := q.rdb.Set(ctx, k.run, "1", runLife).Err(); err != nil {
		return t, false, err
	}
	t, err = q.read(ctx, token)
	return t, t.ID != "", err
}

// read is the zero Task for an empty box.
func (q *Queue) read(ctx context.Context, token string) (notifying.Task, error) {
	fields, err := q.rdb.HGetAll(ctx, q.keysOf(token).box).Result()
	if err != nil || fields["upto"] == "" {
		return notifying.Task{}, err
	}
	number := func(field string) int64 {
		n, _ := strconv.ParseInt(fields[field], 10, 64) // put wrote it
		return n
	}
	return notifying.Task{
		Subject: notifying.Subject{Kind: notifying.Kind(fields["kind"]), ID: fields["id"]},
		Events:  number("events"), UpTo: engagement.Offset(number("upto")),
		Since: time.UnixMilli(number("since")).UTC(), At: time.UnixMilli(number("at")).UTC(),
	}, nil
}

// settle takes out what was told.
func (q *Queue) settle(ctx context.Context, token string, t notifying.Task) error {
	k := q.keysOf(token)
	return toldScript.Run(ctx, q.rdb, []string{k.box, k.told, k.run}, t.Events, uint64(t.UpTo), toldLater.Milliseconds()).Err()
}

// release is for what was not told.
func (q *Queue) release(ctx context.Context, token string) error {
	return q.rdb.Del(ctx, q.keysOf(token).run).Err()
}
