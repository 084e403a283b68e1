package kafkastore_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/freshet/freshet/adapters/kafkastore"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

// wire is the network before a broker: while it is cut, what the broker answers does not arrive, and the connection ends.
type wire struct {
	net.Listener
	cut *atomic.Bool
}

func (w wire) Accept() (net.Conn, error) {
	c, err := w.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return end{c, w.cut}, nil
}

type end struct {
	net.Conn
	cut *atomic.Bool
}

func (e end) Write(b []byte) (int, error) {
	if e.cut.Load() {
		_ = e.Close()
		return 0, errors.New("the wire is cut")
	}
	return e.Conn.Write(b)
}

func wired(t *testing.T) (*kfake.Cluster, *atomic.Bool) {
	t.Helper()
	cut := &atomic.Bool{}
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.ListenFn(func(network, address string) (net.Listener, error) {
		l, err := net.Listen(network, address)
		return wire{l, cut}, err
	}))
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c, cut
}

func patient(d time.Duration) func(*kafkastore.Options) {
	return func(o *kafkastore.Options) { o.Patience = d }
}

// exactly checks that the log holds each id once.
func exactly(t *testing.T, l *kafkastore.Log, want int) {
	t.Helper()
	all, err := l.Read(t.Context(), 0, want+100)
	require.NoError(t, err)
	once := map[engagement.EventID]bool{}
	for i, e := range all {
		require.Equal(t, engagement.Offset(i+1), e.Offset)
		require.False(t, once[e.ID], "%s is there twice", e.ID)
		once[e.ID] = true
	}
	require.Len(t, once, want)
}

func TestEventsWhoseAnswerWasLostAreThereOnceWhenTheyAreSentAgain(t *testing.T) {
	c, cut := wired(t)
	l := open(t, c, patient(time.Second))
	_, err := l.Append(t.Context(), likes(0, 5), noon)
	require.NoError(t, err)
	cut.Store(true)
	_, err = l.Append(t.Context(), likes(3, 10), noon)
	require.True(t, fault.Is(err, fault.Unavailable), "%v", err)
	cut.Store(false)
	require.Eventually(t, func() bool { _, err := l.Append(t.Context(), likes(3, 10), noon); return err == nil }, 30*time.Second, 50*time.Millisecond)
	exactly(t, l, 10)
	exactly(t, open(t, c), 10)
}

func TestCutsAtAnyMomentLoseAndDoubleNothing(t *testing.T) {
	c, cut := wired(t)
	logs := []*kafkastore.Log{open(t, c, patient(2*time.Second)), open(t, c, patient(2*time.Second))}
	ctx, stop := context.WithCancel(t.Context())
	var cutter, senders sync.WaitGroup
	cutter.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			time.Sleep(time.Duration(30+n%7*10) * time.Millisecond)
			cut.Store(true)
			time.Sleep(time.Duration(1+n%5) * time.Millisecond)
			cut.Store(false)
		}
	})
	const each = 60
	for who, l := range logs {
		senders.Go(func() {
			for n := range each { // half of what is sent, the other sends too
				batch := likes(n*4+who*2, n*4+who*2+4)
				require.Eventually(t, func() bool { _, err := l.Append(t.Context(), batch, noon); return err == nil }, time.Minute, time.Millisecond)
			}
		})
	}
	senders.Wait()
	stop()
	cutter.Wait()
	exactly(t, logs[0], each*4+2)
	exactly(t, logs[1], each*4+2)
}

func TestABrokerThatRefusesIsToldOf(t *testing.T) {
	c := broker(t)
	l := open(t, c, patient(1500*time.Millisecond))
	c.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		in := req.(*kmsg.ProduceRequest)
		out := in.ResponseKind().(*kmsg.ProduceResponse)
		for _, topic := range in.Topics {
			t := kmsg.NewProduceResponseTopic()
			t.Topic, t.TopicID = topic.Topic, topic.TopicID
			p := kmsg.NewProduceResponseTopicPartition()
			p.ErrorCode = kerr.NotEnoughReplicas.Code
			t.Partitions = append(t.Partitions, p)
			out.Topics = append(out.Topics, t)
		}
		return out, nil, true
	})
	_, err := l.Append(t.Context(), likes(0, 1), noon)
	require.True(t, fault.Is(err, fault.Unavailable), "%v", err)
	head, err := l.Head(t.Context())
	require.NoError(t, err)
	require.Zero(t, head)
	require.Eventually(t, func() bool { s := l.Stats(); return s.Failed > 0 && s.Waiting == 0 }, 10*time.Second, 10*time.Millisecond)
}

func TestBeyondItsBoundItRefusesAtOnce(t *testing.T) {
	c, cut := wired(t)
	l := open(t, c, patient(2*time.Second), func(o *kafkastore.Options) { o.Waiting = 10 })
	cut.Store(true)
	var waiting sync.WaitGroup
	waiting.Go(func() {
		_, err := l.Append(t.Context(), likes(0, 10), noon)
		require.Error(t, err)
	})
	require.Eventually(t, func() bool { return l.Stats().Waiting == 10 }, 5*time.Second, time.Millisecond)
	_, err := l.Append(t.Context(), likes(10, 11), noon)
	require.True(t, fault.Is(err, fault.Limited), "%v", err)
	waiting.Wait()
	cut.Store(false)
	require.Eventually(t, func() bool { _, err := l.Append(t.Context(), likes(10, 11), noon); return err == nil }, 20*time.Second, 50*time.Millisecond)
}

func TestAnIDThatInstancesAppendAtTheSameTimeIsNewToOne(t *testing.T) {
	c := broker(t)
	logs := []*kafkastore.Log{open(t, c), open(t, c), open(t, c)}
	for round := range 20 {
		var fresh atomic.Int64
		var all sync.WaitGroup
		for _, l := range logs {
			all.Go(func() {
				answers, err := l.Append(t.Context(), []engagement.Event{like(fmt.Sprint(round, "a")), like(fmt.Sprint(round, "b"))}, noon)
				require.NoError(t, err)
				for _, f := range answers {
					if f {
						fresh.Add(1)
					}
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 2, fresh.Load())
	}
	exactly(t, logs[1], 40)
}

func TestARestartComesToTheSame(t *testing.T) {
	c := broker(t)
	first := open(t, c)
	_, err := first.Append(t.Context(), append(likes(0, 300), likes(100, 200)...), noon)
	require.NoError(t, err)
	first.Close()
	_, err = first.Append(t.Context(), likes(0, 1), noon)
	require.True(t, fault.Is(err, fault.Unavailable))
	second := open(t, c)
	exactly(t, second, 300)
	fresh, err := second.Append(t.Context(), []engagement.Event{like("299"), like("300"), like("0")}, noon)
	require.NoError(t, err)
	require.Equal(t, []bool{false, true, false}, fresh)
}

func TestRecordsOfOthersArePassedOver(t *testing.T) {
	c := broker(t)
	l := open(t, c)
	client := plain(t, c)
	require.NoError(t, client.ProduceSync(t.Context(), kgo.StringRecord("hello")).FirstErr())
	_, err := l.Append(t.Context(), likes(0, 2), noon)
	require.NoError(t, err)
	exactly(t, l, 2)
	require.EqualValues(t, 1, l.Stats().Foreign)
}

func TestATopicThatWouldLoseOrMixUpEventsIsRefused(t *testing.T) {
	for code, makes := range map[string]func(admin *kadm.Client){
		"event_log_partitions": func(admin *kadm.Client) {
			_, err := admin.CreateTopic(context.Background(), 2, 1, nil, "freshet-events")
			require.NoError(t, err)
		},
		"event_log_retention": func(admin *kadm.Client) {
			day, size := "86400000", "16777216"
			_, err := admin.CreateTopic(context.Background(), 1, 1, map[string]*string{"retention.ms": &day, "max.message.bytes": &size}, "freshet-events")
			require.NoError(t, err)
		},
		"event_log_record_limit": func(admin *kadm.Client) {
			forever := "-1"
			_, err := admin.CreateTopic(context.Background(), 1, 1, map[string]*string{"retention.ms": &forever, "retention.bytes": &forever}, "freshet-events")
			require.NoError(t, err)
		},
	} {
		c := broker(t)
		makes(kadm.NewClient(plain(t, c)))
		_, err := kafkastore.Open(t.Context(), kafkastore.Options{Brokers: c.ListenAddrs()})
		var refused *fault.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, code, refused.Code())
	}
}

func TestTheLargestBatchFitsAndALargerOneIsRefused(t *testing.T) {
	l := open(t, broker(t))
	long := func(n, size int) string { return fmt.Sprintf("%0*d", size, n) }
	batch := make([]engagement.Event, 10_000)
	for i := range batch {
		e := like(long(i, 128))
		e.Session, e.Context, e.Author = long(i*7919, 128), long(i*104729, 512), "a"
		batch[i] = e
	}
	fresh, err := l.Append(t.Context(), batch, noon)
	require.NoError(t, err)
	require.NotContains(t, fresh, false)
	_, err = l.Append(t.Context(), append(batch, batch...), noon)
	require.True(t, fault.Is(err, fault.Invalid), "%v", err)
	exactly(t, l, 10_000)
}

func TestWhoFellOutOfTheLogBeginsAnewAndComesToTheSame(t *testing.T) {
	c := broker(t)
	l, other := open(t, c), open(t, c)
	_, err := l.Append(t.Context(), likes(0, 10), noon)
	require.NoError(t, err)
	topics, err := kadm.NewClient(plain(t, c)).ListTopics(t.Context(), "freshet-events")
	require.NoError(t, err)
	var failed atomic.Int64
	c.ControlKey(int16(kmsg.Fetch), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if failed.Add(1) == 4 { // both of them, and one again
			c.DropControl()
		}
		in := req.(*kmsg.FetchRequest)
		out := in.ResponseKind().(*kmsg.FetchResponse)
		p := kmsg.NewFetchResponseTopicPartition()
		p.ErrorCode = kerr.OffsetOutOfRange.Code
		topic := kmsg.NewFetchResponseTopic()
		topic.Topic, topic.TopicID = "freshet-events", topics["freshet-events"].ID
		topic.Partitions = append(topic.Partitions, p)
		out.Topics = append(out.Topics, topic)
		return out, nil, true
	})
	require.Eventually(t, func() bool { return failed.Load() >= 4 }, 20*time.Second, time.Millisecond)
	fresh, err := other.Append(t.Context(), likes(5, 15), noon)
	require.NoError(t, err)
	require.Equal(t, []bool{false, false, false, false, false, true, true, true, true, true}, fresh)
	exactly(t, l, 15)
}

func TestItLogsInAndIsToldWhenItMayNot(t *testing.T) {
	for _, mechanism := range []string{"plain", "scram-sha-256", "scram-sha-512"} {
		c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(), kfake.Superuser(strings.ToUpper(mechanism), "u", "secret"))
		require.NoError(t, err)
		t.Cleanup(c.Close)
		as := func(password string) func(*kafkastore.Options) {
			return func(o *kafkastore.Options) { o.Mechanism, o.Username, o.Password = mechanism, "u", password }
		}
		l := open(t, c, as("secret"))
		_, err = l.Append(t.Context(), likes(0, 3), noon)
		require.NoError(t, err)
		exactly(t, l, 3)
		c.ControlKey(int16(kmsg.SASLAuthenticate), func(req kmsg.Request) (kmsg.Response, error, bool) { // what a real one says to a wrong password
			c.KeepControl()
			out := req.ResponseKind().(*kmsg.SASLAuthenticateResponse)
			out.ErrorCode = kerr.SaslAuthenticationFailed.Code
			return out, nil, true
		})
		o := kafkastore.Options{Brokers: c.ListenAddrs()}
		as("wrong")(&o)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		_, err = kafkastore.Open(ctx, o)
		require.ErrorIs(t, err, kerr.SaslAuthenticationFailed)
		require.NoError(t, ctx.Err(), "it does not wait for what will not come")
		cancel()
	}
}
