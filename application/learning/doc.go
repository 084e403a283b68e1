// Package learning brings the event log to what this instance has learned: every instance reads the
// same log in the same order, so that all of them learn the same.
package learning
