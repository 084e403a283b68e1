// Package pruning removes what has been kept for as long as it is to be kept.
package pruning
