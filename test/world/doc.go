// Package world puts the use cases together as cmd/freshet does, over the embedded stores, for the tests of the
// application layer and of ports: several processes on one set of stores, any part of which may be made to break.
package world
