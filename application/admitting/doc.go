// Package admitting finds out who calls, from what a call brings along: a key of ours, a token of others'
// making, or nothing. What a caller may do is the rule of domain/access.
package admitting
