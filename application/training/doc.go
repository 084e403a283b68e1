// Package training makes the long-term model out of the event log, measures it, keeps it, and brings the one in force
// to every instance.
//
// Start at train.go, the recipe; schedule.go says when it happens by itself, current.go how instances take a model up.
package training
