// Package copying brings events from a log that only takes them in to the records that everything else reads.
package copying
