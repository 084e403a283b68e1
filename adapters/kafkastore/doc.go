// Package kafkastore is the event log in Kafka, for those whose database cannot, or need not, take part in taking events in.
//
// One topic of one partition holds the records, in one order. A record holds the events of one Append, so that they are
// there all or none, or a barrier. Whether an event is new, and which offset it has, is written nowhere: every reader works it out from
// the records, by the same rule, and all come to the same.
package kafkastore
