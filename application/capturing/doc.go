// Package capturing reads the database's own log of changed rows, so that what an operator changes in SQL reaches every
// instance as what goes through the commands does, and sooner than the outbox is polled.
package capturing
