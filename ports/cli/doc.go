// Package cli is the command line. It parses, calls what it was given, and presents what comes back; opening
// stores and listening is done by whoever puts the process together.
package cli
