package kafkastore

import (
	"errors"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet/freshet/domain/fault"
)

// What a Log refuses, and why it may not go on.
var (
	errUnavailable = fault.New(fault.Unavailable, "event_log_unavailable", "the event log did not answer")
	errFull        = fault.New(fault.Limited, "event_log_full", "too many events wait to be stored; send these again later")
	errBusy        = fault.New(fault.Unavailable, "event_log_busy", "the event log did not answer in time; the events may or may not be stored, send them again")
	errClosing     = fault.New(fault.Unavailable, "event_log_closing", "this instance stops; send the events again")
	errTooLarge    = fault.New(fault.Invalid, "batch_too_large", "the events of one request take more than a record of the event log holds; send fewer at once")

	errPartitions = fault.New(fault.Internal, "event_log_partitions", "the topic of the event log must have one partition")
	errRetention  = fault.New(fault.Internal, "event_log_retention", "the topic of the event log must keep records until they are deleted: retention.ms and retention.bytes are to be -1, cleanup.policy delete")
	errSmall      = fault.New(fault.Internal, "event_log_record_limit", "the topic of the event log must take records of 16 MiB: max.message.bytes")
	errLost       = fault.New(fault.Internal, "event_log_lost", "records of the event log are gone that were not copied yet")
	errOther      = fault.New(fault.Internal, "event_log_other", "the topic of the event log ends before where it was copied to: it is not the topic it was")
	errCopied     = fault.New(fault.Gone, "events_copied", "events before this offset were copied and are not kept here")
)

// denied reports that brokers answered, and that it makes no sense to ask them again.
func denied(err error) bool {
	for _, e := range []error{
		kerr.SaslAuthenticationFailed, kerr.UnsupportedSaslMechanism, kerr.IllegalSaslState, kerr.TopicAuthorizationFailed, kerr.ClusterAuthorizationFailed,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// failure turns what the client or a broker said into a fault.
func failure(err error) error {
	switch {
	case err == nil || errors.As(err, new(*fault.Error)):
		return err
	case errors.Is(err, kgo.ErrMaxBuffered):
		return errFull
	case errors.Is(err, kerr.MessageTooLarge), errors.Is(err, kerr.RecordListTooLarge):
		return errTooLarge
	}
	return errUnavailable.Because(err)
}
