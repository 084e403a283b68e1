// Package experiment is the context of controlled changes: layers of variants, and the pure
// assignment of viewers to them. A viewer's variant depends on the layer's name and salt and the
// viewer's id alone, so that every instance agrees without asking anyone.
package experiment
