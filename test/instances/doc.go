// Package instances builds the real binary once and runs it as processes that tests may kill.
package instances
