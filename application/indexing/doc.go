// Package indexing keeps this instance's item index equal to the catalogue: it is built from the
// durable records, follows the change stream from there, and looks at the records again from time
// to time, so that a lost stream costs seconds and not correctness.
package indexing
