// Package archiving takes served pages from the stream they were handed to when they were served to
// the archive, where they stay for looking back and for replay.
package archiving
