// Package arch is the import law: which room of the house may import what, and why. Everything not allowed is refused.
//
// law.go is the law, check.go judges packages by it, tree_test.go holds it against this tree.
package arch
