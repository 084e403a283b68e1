package asynqtasks

import (
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

// logEvery is the least time between two lines: while Redis is gone each of asynq's parts complains again and again.
const logEvery = 30 * time.Second

// plainLog passes on what asynq calls errors, now and then.
type plainLog struct {
	to   *slog.Logger
	last atomic.Int64 // Unix ns
}

// Debug implements asynq.Logger.
func (*plainLog) Debug(...any) {}

// Info implements asynq.Logger.
func (*plainLog) Info(...any) {}

// Warn implements asynq.Logger.
func (*plainLog) Warn(...any) {}

// Error implements asynq.Logger.
func (l *plainLog) Error(args ...any) {
	last, now := l.last.Load(), time.Now().UnixNano()
	if l.to != nil && now-last >= int64(logEvery) && l.last.CompareAndSwap(last, now) {
		l.to.Warn("the queue of tasks has difficulties", "error", fmt.Sprint(args...))
	}
}

// Fatal implements asynq.Logger.
func (l *plainLog) Fatal(args ...any) { l.Error(args...) }
