// Package catalog is the context of what can be shown: the FeedItem aggregate, the values it is
// made of, and the ports through which it is stored and its changes travel.
//
// Start at item.go. An item is published, revised, hidden, restored and removed; each change
// records a Fact that is stored in the same commit and reaches every instance's index.
package catalog
