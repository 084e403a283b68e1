// Package replaying looks back: which sessions a viewer had, what was served in them and why, and
// whether a page would come out the same today.
package replaying
