// Package evaluating measures what is served: it plays recorded events to a fresh instance of the engine, asks it for
// pages as viewers would have, and compares them with what viewers went on to.
//
// Start at run.go; loo.go and prequential.go are the two protocols, tape.go puts the events in order.
package evaluating
