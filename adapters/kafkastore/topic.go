package kafkastore

import (
	"context"
	"errors"
	"strconv"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// ensureTopic creates the topic where there is none, and refuses one that would lose events or mix them up. What a broker
// does not let us look at is taken on trust.
func ensureTopic(ctx context.Context, admin *kadm.Client, o Options) error {
	topics, err := admin.ListTopics(ctx, o.Topic)
	if err != nil {
		return failure(err)
	}
	topic := topics[o.Topic]
	if errors.Is(topic.Err, kerr.UnknownTopicOrPartition) {
		return createTopic(ctx, admin, o)
	}
	if topic.Err != nil {
		return failure(topic.Err)
	}
	if n := len(topic.Partitions); n != 1 {
		return errPartitions.Saying("the topic %s of the event log has %d partitions and must have one", o.Topic, n)
	}
	configs, err := admin.DescribeTopicConfigs(ctx, o.Topic)
	if err != nil || len(configs) == 0 || configs[0].Err != nil {
		return nil
	}
	for _, c := range configs[0].Configs {
		value := c.MaybeValue()
		switch c.Key {
		case "cleanup.policy":
			if value != "delete" {
				return errRetention
			}
		case "retention.ms", "retention.bytes":
			if value != "-1" {
				return errRetention
			}
		case "max.message.bytes":
			if n, err := strconv.Atoi(value); err == nil && n < maxRecord {
				return errSmall
			}
		}
	}
	return nil
}

func createTopic(ctx context.Context, admin *kadm.Client, o Options) error {
	forever, large, roll, size := "-1", strconv.Itoa(maxRecord), "3600000", "67108864"
	policy := "delete"
	_, err := admin.CreateTopic(ctx, 1, int16(o.Replicas), map[string]*string{
		"cleanup.policy":    &policy,
		"retention.ms":      &forever,
		"retention.bytes":   &forever,
		"max.message.bytes": &large,
		// A broker takes deleted records off its disk with the whole file they are in.
		"segment.ms":    &roll,
		"segment.bytes": &size,
	}, o.Topic)
	if errors.Is(err, kerr.TopicAlreadyExists) { // another instance was faster
		return nil
	}
	return failure(err)
}

// bounds are the first record that is kept and the one that comes next.
func (l *Log) bounds(ctx context.Context) (low, end int64, err error) {
	if low, err = l.listed(ctx, l.admin.ListStartOffsets); err != nil {
		return 0, 0, err
	}
	end, err = l.end(ctx)
	return low, end, err
}

func (l *Log) end(ctx context.Context) (int64, error) { return l.listed(ctx, l.admin.ListEndOffsets) }

func (l *Log) listed(ctx context.Context, list func(context.Context, ...string) (kadm.ListedOffsets, error)) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, l.opts.Patience)
	defer cancel()
	offsets, err := list(ctx, l.opts.Topic)
	if err == nil {
		err = offsets.Error()
	}
	if err != nil {
		return 0, failure(err)
	}
	at, ok := offsets.Lookup(l.opts.Topic, 0)
	if !ok {
		return 0, errUnavailable
	}
	return at.Offset, nil
}

// deleteBefore deletes the records before the one given.
func (l *Log) deleteBefore(ctx context.Context, record int64) error {
	var upTo kadm.Offsets
	upTo.AddOffset(l.opts.Topic, 0, record, -1)
	done, err := l.admin.DeleteRecords(ctx, upTo)
	if err == nil {
		err = done.Error()
	}
	return failure(err)
}
