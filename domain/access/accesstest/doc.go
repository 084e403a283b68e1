// Package accesstest is the contract of access's ports as test suites, run on every implementation.
package accesstest
