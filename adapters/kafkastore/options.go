package kafkastore

import (
	"cmp"
	"context"
	"crypto/tls"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/freshet/freshet/application/copying"
)

// How many ids a log remembers, unless a barrier says otherwise, and at most.
const (
	DefaultWindow = 500_000
	MaxWindow     = 10_000_000
)

// maxRecord is how large a record may be: 10,000 events with the longest ids and contexts are about 13 MB.
const maxRecord = 16 << 20

// Options say where the log is and what it holds in memory. Zero values mean the defaults.
type Options struct {
	Brokers []string
	Topic   string // freshet-events

	TLS                *tls.Config // nil: in the clear
	Mechanism          string      // plain, scram-sha-256 or scram-sha-512; counts with a Username
	Username, Password string

	Replicas int           // of a topic that is created; as many as the brokers do
	Waiting  int           // events that may be on their way to the brokers, 50,000
	Patience time.Duration // how long one caller waits for the brokers, 2 s
	Window   int           // how many ids are remembered, DefaultWindow; each process remembers them twice while it copies

	// Base is up to where the log was copied, and where whoever follows it begins. nil: nothing was.
	Base func(ctx context.Context) (copying.Mark, error)
}

func (o Options) filled() Options {
	o.Topic = cmp.Or(o.Topic, "freshet-events")
	o.Replicas = cmp.Or(o.Replicas, -1)
	o.Waiting = cmp.Or(o.Waiting, 50_000)
	o.Patience = cmp.Or(o.Patience, 2*time.Second)
	o.Window = cmp.Or(o.Window, DefaultWindow)
	if o.Base == nil {
		o.Base = func(context.Context) (copying.Mark, error) { return copying.Mark{}, nil }
	}
	return o
}

func (o Options) client(more ...kgo.Opt) (*kgo.Client, error) {
	opts := append([]kgo.Opt{
		kgo.SeedBrokers(o.Brokers...),
		kgo.ClientID("freshet"),
		kgo.DialTimeout(2 * time.Second),
		kgo.RequestTimeoutOverhead(5 * time.Second),
		kgo.RetryTimeout(10 * time.Second),
		kgo.MetadataMinAge(250 * time.Millisecond),
	}, more...)
	if o.TLS != nil {
		opts = append(opts, kgo.DialTLSConfig(o.TLS))
	}
	if o.Username != "" {
		auth := scram.Auth{User: o.Username, Pass: o.Password}
		switch o.Mechanism {
		case "scram-sha-256":
			opts = append(opts, kgo.SASL(auth.AsSha256Mechanism()))
		case "scram-sha-512":
			opts = append(opts, kgo.SASL(auth.AsSha512Mechanism()))
		default:
			opts = append(opts, kgo.SASL(plain.Auth{User: o.Username, Pass: o.Password}.AsMechanism()))
		}
	}
	return kgo.NewClient(opts...)
}
