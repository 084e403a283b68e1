//go:build !race

package memindex_test

// many is how many events a long test has.
const many = 1_000_000
