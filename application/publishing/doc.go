// Package publishing is how items come, change and go: one at a time or in batches, each commit
// carrying the facts that the relay takes to every instance.
package publishing
