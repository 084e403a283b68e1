// Package access is the context of who calls and what they may do: the Caller, the scopes that a service holds, and the
// one rule that every port asks before a use case runs.
//
// Start at caller.go for the rule, and at key.go for what a service proves itself with.
package access
