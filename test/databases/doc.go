// Package databases gives tests empty databases with every table in place.
//
// The migrations run once in a test binary. Each database after the first is made to be like it, which takes a
// fraction of the time.
package databases
