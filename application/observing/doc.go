// Package observing takes in what viewers did: a batch of events becomes durable in the log, changes
// what is known of its viewers in the same breath, and only then is acknowledged.
package observing
