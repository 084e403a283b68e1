// Package trainedmodel makes and writes down the trained model, recommend.Model.
//
// EASE trains it: one closed-form solution, no epochs, no chance (ease.go says how; sweep.go is the arithmetic).
// Write and Read are its form at rest: compact, versioned, checked.
package trainedmodel
