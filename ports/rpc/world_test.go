package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/cloudwego/kitex/pkg/klog"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/transport"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/freshet/freshet/adapters/localstore"
	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/randomness"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/archiving"
	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/application/replaying"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/application/steering"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
	thrift "github.com/freshet/freshet/idl/gen/freshet"
	"github.com/freshet/freshet/idl/gen/freshet/freshet"
	"github.com/freshet/freshet/infrastructure/embeddedredis"
	"github.com/freshet/freshet/ports/rpc"
	"github.com/freshet/freshet/test/databases"
)

func TestMain(m *testing.M) {
	klog.SetLevel(klog.LevelFatal)
	hlog.SetLevel(hlog.LevelFatal)
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(background...); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// background runs as long as the process, whoever uses Kitex and Hertz; most of it is the client's.
var background = []goleak.Option{
	goleak.IgnoreAnyFunction("github.com/cloudwego/hertz/pkg/protocol.UpdateServerDate.func1"),
	goleak.IgnoreAnyFunction("github.com/cloudwego/netpoll.(*defaultPoll).Wait"),
	goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/client.(*timeoutPool).createTicker.func1"),
	goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/client.(*timeoutPool).createWorker.func1"),
	goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/pkg/loadbalance/lbcache.(*BalancerFactory).watcher"),
	goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/grpc.preallocateForStream"),
	goleak.IgnoreAnyFunction("github.com/cloudwego/kitex/pkg/utils.(*SharedTicker).Tick"),
}

const secret = "a secret of some length"

// world is the whole service on its embedded stores, but for the relay and the timers.
type world struct {
	t      *testing.T
	server *rpc.Server
	deps   rpc.Deps
	index  *memindex.Index
	late   atomic.Int64  // how far the clock is ahead
	raw    client.Client // for requests that the generated one cannot make
	freshet.Client
}

func newWorld(t *testing.T) *world { return newWorldWith(t, true) }

func newWorldWith(t *testing.T, tuning bool) *world {
	w := &world{t: t}
	clock := func() time.Time { return time.Now().Add(time.Duration(w.late.Load())) }

	db, err := mysqlstore.Open(t.Context(), mysqlstore.Options{Path: databases.SQLite(t, "freshet.db")})
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	server, err := embeddedredis.Start(embeddedredis.Options{})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	fast, err := redisstore.Open(redisstore.Options{Addrs: []string{server.Addr()}})
	require.NoError(t, err)
	t.Cleanup(func() { _ = fast.Close() })

	index := memindex.New()
	signals := memindex.NewLearner(index, engagement.DefaultWeights(), memindex.Options{})
	plan, err := serving.NewPlan("v1", feed.DefaultLife, engagement.DefaultWeights(), nil,
		[]recommend.Definition{definition("for-you", "fresh"), definition("related", "related")}, index, signals, recommend.Untrained{})
	require.NoError(t, err)
	plans, items := serving.NewPlans(plan), publishing.NewItems(mysqlstore.NewItems(db, databases.Counting()), index, clock)
	over := func(db *mysqlstore.DB, fast *redisstore.Client, sealer *feed.Sealer) rpc.Deps {
		known := remembering.NewViewers(redisstore.NewRemembrance(fast), mysqlstore.NewRecollection(db), mysqlstore.NewRepairs(db), fast, clock)
		archive := mysqlstore.NewArchive(db)
		shared := serving.Through{SessionRepository: redisstore.NewSessions(fast), Archive: archive}
		ladder := serving.NewLadder(shared, localstore.NewSessions(1000, clock), known, time.Second, time.Second, clock, nil)
		archivist := archiving.Archivists{archiving.NewArchivist(redisstore.NewExposures(fast), archive, "test")}
		dossier := mysqlstore.NewDossier(db)
		return rpc.Deps{
			Pages:     serving.NewServePage(plans, ladder, known, archive, sealer, index, signals, index, clock, randomness.Source{}),
			Events:    observing.NewRecordEvents(mysqlstore.NewEventLog(db), mysqlstore.NewViewers(db), known, index, tuning, clock),
			Items:     items,
			Decisions: steering.NewDecisions(mysqlstore.NewViewers(db), known, tuning, clock),
			Sessions:  replaying.NewSessions(archive, archivist, mysqlstore.NewRecollection(db), serving.NewRerun(plans, index, signals), sealer, clock),
			Viewers:   erasing.NewViewers(dossier, []erasing.Store{dossier}, archivist, clock),
		}
	}
	sealer := feed.NewSealer([]byte(secret))
	w.deps = over(db, fast, sealer)
	shadow, err := db.Shadow()
	require.NoError(t, err)
	apart := over(shadow, fast.Shadow(feed.DefaultLife).Client, sealer.Shadow())
	w.deps.Shadow = &apart
	w.index = index
	w.serve(rpc.Options{PageTime: time.Minute}, w.deps)
	return w
}

// serve starts a server on a free port, with a client that knows how to read errors.
func (w *world) serve(opts rpc.Options, deps rpc.Deps) {
	opts.Addr = "127.0.0.1:0"
	server := rpc.New(opts, deps)
	w.server = server
	require.NoError(w.t, server.Start())
	w.t.Cleanup(func() { require.NoError(w.t, server.Shutdown(context.Background())) })
	readsErrors := []client.Option{client.WithTransportProtocol(transport.TTHeaderFramed), client.WithMetaHandler(transmeta.ClientTTHeaderHandler)}
	w.Client = w.client(readsErrors...)
	raw, err := client.NewClient(freshet.NewServiceInfo(), append(readsErrors, w.reached()...)...)
	require.NoError(w.t, err)
	w.raw = raw
}

func (w *world) client(opts ...client.Option) freshet.Client {
	return freshet.MustNewClient("freshet", append(opts, w.reached()...)...)
}

func (w *world) reached() []client.Option {
	return []client.Option{client.WithHostPorts(w.server.Addr()), client.WithRPCTimeout(20 * time.Second), client.WithDestService("freshet")}
}

func definition(name, source string) recommend.Definition {
	return recommend.Definition{
		Name: name, Sources: []recommend.SourceUse{{Name: source, Limit: 100}}, Weights: map[string]float32{source: 1, "steered": 4},
		Order: recommend.ByValue, Supply: recommend.FromCatalogue,
		Arrange: recommend.Arrangement{AuthorShare: 1, TagShare: 1, FatigueHalf: time.Hour},
	}
}

// publish puts n items v00, v01, … of authors a0, a1, a2, the first of them newest.
func (w *world) publish(n int) {
	items := make([]*thrift.Item, n)
	for i := range items {
		items[i] = &thrift.Item{
			Id: fmt.Sprintf("v%02d", i), Author: fmt.Sprintf("a%d", i%3), Tags: []string{"t", fmt.Sprintf("t%d", i%2)},
			PublishedAt: time.Now().Add(-time.Duration(i+1) * time.Minute).UnixMilli(), Payload: []byte(fmt.Sprintf(`{"n":%d}`, i)),
		}
	}
	r, err := w.PutItems(w.t.Context(), &thrift.PutItemsRequest{Items: items})
	require.NoError(w.t, err)
	require.EqualValues(w.t, n, r.Created)
}

// refused is a failure as a client reads it.
type refused struct {
	code       int32
	key, field string
	request    string
	retryable  bool
}

// reads tells what err says, in whichever of the two ways it came.
func reads(t *testing.T, err error) refused {
	t.Helper()
	require.Error(t, err)
	if biz, ok := kerrors.FromBizStatusError(err); ok {
		x := biz.BizExtra()
		require.NotEmpty(t, biz.BizMessage())
		return refused{biz.BizStatusCode(), x["error"], x["field"], x["request_id"], x["retryable"] == "true"}
	}
	var f *thrift.Failure
	require.True(t, errors.As(err, &f), "%T: %v", err, err)
	require.NotEmpty(t, f.Message)
	return refused{f.Code, f.Key, f.Field, f.RequestId, f.Retryable}
}

func ids(p *thrift.Page) []string {
	out := make([]string, len(p.Items))
	for i, it := range p.Items {
		out[i] = it.Id
	}
	return out
}
