// Package notifying tells others, and prepares this installation, after something was recorded of a viewer or an author:
// at most once in a window of time, however many events there were.
//
// Trigger reads the event log behind everybody's back; Windows holds the rule; Tasks carries what is due to whichever instance
// has a hand free; Deliver does it.
package notifying
