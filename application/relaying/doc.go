// Package relaying takes the catalogue's facts from the outbox, where they were written in the same
// commit as the item, to the stream that every instance follows.
package relaying
