// Package feedtest is the contract of the feed's ports as test suites that every implementation runs.
package feedtest
