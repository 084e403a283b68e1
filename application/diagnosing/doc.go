// Package diagnosing looks at what must hold in an installation that is in order, and says what to do where it does not. It
// reads, and changes nothing.
package diagnosing
