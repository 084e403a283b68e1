// Package snowflake makes ids without asking anybody: a time, the number of the worker that issues them, and a sequence.
//
// What makes ids unique is not that clocks are right. A worker's number is leased, and with each lease and each renewal the
// lease's keeper records a reach: no id that this holder issues carries a later time. Who takes the number over begins after
// the reach of the holder before. So a holder that slept through the end of its lease, and wakes up between looking at the
// lease and issuing, issues an id that nobody else can.
package snowflake
