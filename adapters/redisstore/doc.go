// Package redisstore keeps in Redis what must be fast and may be lost: sessions while they live, the
// copy of what is known of each viewer, exposures on their way to the archive, the stream of item
// changes and bookmarks. It speaks to a single server, to Sentinel and to Cluster alike.
//
// Start at keys.go, which says what is kept where; sessions.go serves the path of a page: one round
// trip to open, one to commit.
package redisstore
