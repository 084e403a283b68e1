// Package wire reads items and events as clients write them, strictly: a field that does not exist, that
// stands twice or that has the wrong type is refused by name. Every port that takes JSON reads through it,
// so that a line means the same over HTTP and in an import.
//
// A null stands for a field that is not there; in a patch it clears the field. What the values may be is the
// model's business: the parsers refuse only what cannot be held by the model's types.
package wire
