// Package engagement is the context of what happened: Event, the log that keeps every event in one
// order for ever, what an event means (weights, seen, consumed), and the counts that follow from it.
//
// Start at event.go; log.go is the port that makes an acknowledged event durable.
package engagement
