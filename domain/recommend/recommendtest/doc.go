// Package recommendtest holds the contract suites of the ports of recommend: whoever grants one of
// them runs its suite in a test.
package recommendtest
