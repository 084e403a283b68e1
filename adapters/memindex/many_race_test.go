//go:build race

package memindex_test

// many is how many events a long test has; the race detector makes each ten times as long.
const many = 60_000
