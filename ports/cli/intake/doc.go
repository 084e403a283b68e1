// Package intake brings files of items and events into Freshet: line by line, in batches that are acknowledged,
// so that it can be stopped at any time and goes on after the last acknowledged line. What cannot be taken in is
// told with its line and counted, never dropped silently.
package intake
