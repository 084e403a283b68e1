// Package remembering keeps what is known of viewers at hand: it writes to the fast copy, fills it
// from the durable records when it holds nothing, and repairs it after it was out of reach, so that
// nothing acknowledged is ever missing from the next page for longer than the outage itself.
package remembering
