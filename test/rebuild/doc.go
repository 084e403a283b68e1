// Package rebuild measures how long it takes to fill Redis from a real database.
package rebuild
