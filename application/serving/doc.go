// Package serving answers what a viewer should see next: a page of a feed, related items, and how
// both go on when something behind them does not answer.
//
// Start at page.go, the recipe; plan.go is the configuration it serves by; ladder.go is what it
// does when a store is out of reach.
package serving
