// Package feed is the context of serving: the RecommendationSession aggregate, which serves each item
// at most once; its pages; the cursor, which is a bookmark and carries enough to go on when the
// session's store is lost; and the ports that keep sessions.
//
// Start at session.go. Nothing in the domain imports this package: it is where the others meet.
package feed
