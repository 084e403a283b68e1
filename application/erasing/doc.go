// Package erasing gives a viewer everything that is held of them, and removes all of it, with a
// receipt that says what was removed from where.
package erasing
