// Package rebuilding fills a fast store that has lost what it held, from the durable records, for all viewers at once and beside
// instances that serve. What it does for many, application/remembering does for one, when their next page is asked for.
package rebuilding
