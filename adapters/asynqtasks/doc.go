// Package asynqtasks is a queue of tasks in Redis, by asynq, on a single server, Sentinel and Cluster alike.
//
// asynq's own records name nobody: a task's id and payload are a hash of its subject. Whom it is about and what it tells of
// stands in a key of ours, under our prefix: box.go. So an erasure knows which keys to remove without searching, and what comes
// while a task waits is told by it.
//
// Start at queue.go, then worker.go.
package asynqtasks
