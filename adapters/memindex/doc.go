// Package memindex keeps the catalogue, and what was learned of it, in the memory of one process.
//
// Index grants recommend.Index: fed with item snapshots in any order, it hands out views that never
// change. Learner grants recommend.Signals: fed with the event log in order, it knows what viewers
// turned to after what, what is popular and how items fared. Both hold copies; the durable records
// are elsewhere, and both can be rebuilt from them at any time.
//
// Start at index.go and view.go, then learner.go.
package memindex
