package asynqtasks

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// pause is how much later a failure of Redis is told. asynq asks again at once when it could not ask for work: without this it
// would keep a core busy for as long as Redis is gone.
const pause = 250 * time.Millisecond

// pacing tells failures later, unless the queue closes or whoever asked gave up.
type pacing struct{ closing <-chan struct{} }

// DialHook implements redis.Hook.
func (pacing) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

// ProcessHook implements redis.Hook.
func (p pacing) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		p.wait(ctx, err)
		return err
	}
}

// ProcessPipelineHook implements redis.Hook.
func (p pacing) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		p.wait(ctx, err)
		return err
	}
}

func (p pacing) wait(ctx context.Context, err error) {
	if err == nil || errors.Is(err, redis.Nil) || strings.HasPrefix(err.Error(), "NOSCRIPT") {
		return
	}
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	case <-p.closing:
	}
}
