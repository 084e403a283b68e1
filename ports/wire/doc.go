// Package wire reads what clients write as JSON, strictly: a field that does not exist, that stands twice or
// that has the wrong type is refused by name, and text that is not JSON with its place. Every port that takes
// JSON reads through it, so that the same words mean the same, and the same mistake is told in the same way,
// at every door.
//
// A null stands for a field that is not there; in a patch it clears the field. A payload is kept without the
// white space between its parts and otherwise as it was written, so that what differs in layout alone is the
// same. What the values may be is the model's business: the readers refuse only what cannot be held by the
// model's types.
package wire
