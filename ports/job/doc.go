// Package job is the timer among the callers: it runs use cases again and again, in the background, until it is
// stopped.
package job
