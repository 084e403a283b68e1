// Package learning brings the event log to what this instance has learned: every instance reads the
// same log in the same order, so that all of them learn the same.
//
// Learner follows the log; Student learns feeds' weights from what viewers went on to, and hands each event on as a
// fact; Blends keeps the weights for all instances, Notebook everything for the next start of this one.
package learning
