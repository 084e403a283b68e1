// Package readcache wraps the stores of items and of viewers' decisions in tiers that answer reads before SQL does: copies in this
// process, a filter of the ids there are, copies in Redis. What it answers is never older than what was acknowledged before the question,
// on whichever instance: ADR 32 reasons how.
//
// Start at tiers.go, which goes through the tiers for one read, then guard.go, which says when copies may be believed.
package readcache
