package http

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/freshet/freshet/adapters/localstore"
	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/mysqlstore"
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
	"github.com/freshet/freshet/infrastructure/embeddedredis"
	"github.com/freshet/freshet/test/databases"
)

func TestMain(m *testing.M) {
	hlog.SetOutput(io.Discard)
	// netpoll's pollers and hertz's clock live as long as the process.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/cloudwego/netpoll.(*defaultPoll).Wait"),
		goleak.IgnoreAnyFunction("github.com/cloudwego/hertz/pkg/protocol.UpdateServerDate.func1"),
	)
}

// world is the public plane over the embedded stores.
type world struct {
	t      testing.TB
	server *Server
	deps   Deps
	redis  *embeddedredis.Server
	ahead  atomic.Int64 // how far the clock runs ahead
	log    lockedLog
	client *http.Client
	sealer *feed.Sealer
}

type lockedLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

type identities struct{}

func (identities) Session() feed.SessionID { return feed.SessionID(strings.ToLower(rand.Text())) }
func (identities) Seed() uint64            { return 42 }

func definition(name string, order recommend.Order, supply recommend.Supply, sources ...recommend.SourceUse) recommend.Definition {
	return recommend.Definition{
		Name: name, Sources: sources, Order: order, Supply: supply,
		Weights: map[string]float32{"fresh": 0.2, "freshness": 0.5, "tag_affinity": 0.8, "following": 1, "steered": 4, "related": 1},
		Actions: map[string]float32{"like": 1, "report": -10},
		Arrange: recommend.Arrangement{AuthorShare: 1, TagShare: 1, FatigueHalf: time.Hour},
		Rest:    recommend.Rest{Served: time.Minute, Seen: time.Hour, Consumed: time.Hour},
	}
}

func newWorld(t testing.TB, change ...func(*Options, *Deps)) *world {
	t.Helper()
	redis, err := embeddedredis.Start(embeddedredis.Options{})
	require.NoError(t, err)
	t.Cleanup(redis.Close)
	w := newWorldOn(t, redis.Addr(), change...)
	w.redis = redis
	return w
}

// newWorldOn is the public plane over the Redis at that address.
func newWorldOn(t testing.TB, redis string, change ...func(*Options, *Deps)) *world {
	t.Helper()
	w := &world{t: t}
	ctx := context.Background()
	db, err := mysqlstore.Open(ctx, mysqlstore.Options{Path: databases.SQLite(t, "freshet.db")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	long := 10 * time.Second
	rdb, err := redisstore.Open(redisstore.Options{Addrs: []string{redis}, DialTimeout: long, ReadTimeout: long, WriteTimeout: long, PoolTimeout: long})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rdb.Close()) })

	index := memindex.New()
	signals := memindex.NewLearner(index, engagement.DefaultWeights(), memindex.Options{})
	plan, err := serving.NewPlan("c1", feed.DefaultLife, engagement.DefaultWeights(), nil, []recommend.Definition{
		definition("for-you", recommend.ByValue, recommend.FromCatalogue, recommend.SourceUse{Name: "affinity", Limit: 50}, recommend.SourceUse{Name: "fresh", Limit: 50}),
		definition("latest", recommend.ByNewest, recommend.FromCatalogue, recommend.SourceUse{Name: "fresh", Limit: 50}), newest(),
		definition(serving.RelatedFeed, recommend.ByValue, recommend.FromCatalogue, recommend.SourceUse{Name: "related", Limit: 50}),
	}, index, signals, recommend.Untrained{})
	require.NoError(t, err)
	plans, items := serving.NewPlans(plan), publishing.NewItems(mysqlstore.NewItems(db, databases.Counting()), index, w.now)
	over := func(db *mysqlstore.DB, rdb *redisstore.Client, sealer *feed.Sealer) Deps {
		repairs, past, archive := mysqlstore.NewRepairs(db), mysqlstore.NewRecollection(db), mysqlstore.NewArchive(db)
		known := remembering.NewViewers(redisstore.NewRemembrance(rdb), past, repairs, rdb, w.now)
		archivist := archiving.Archivists{archiving.NewArchivist(redisstore.NewExposures(rdb), archive, "test")}
		ladder := serving.NewLadder(redisstore.NewSessions(rdb), localstore.NewSessions(100, w.now), known, long, time.Second, w.now, nil)
		viewers := mysqlstore.NewViewers(db)
		return Deps{
			Pages:     serving.NewServePage(plans, ladder, known, archive, sealer, index, signals, index, w.now, identities{}),
			Events:    observing.NewRecordEvents(mysqlstore.NewEventLog(db), viewers, known, index, true, w.now),
			Items:     items,
			Counts:    index,
			Decisions: steering.NewDecisions(viewers, known, true, w.now),
			Sessions:  replaying.NewSessions(archive, archivist, past, serving.NewRerun(plans, index, signals), sealer, w.now),
			Viewers:   erasing.NewViewers(mysqlstore.NewDossier(db), []erasing.Store{mysqlstore.NewDossier(db)}, archivist, w.now),
			Bookmarks: redisstore.NewBookmarks(rdb), Reactions: mysqlstore.NewTally(db),
			Clock: w.now,
		}
	}
	w.sealer = feed.NewSealer([]byte("sixteen bytes and a few"))
	w.deps = over(db, rdb, w.sealer)
	w.deps.Metrics = prometheus.NewRegistry()
	shadow, err := db.Shadow()
	require.NoError(t, err)
	apart := over(shadow, rdb.Shadow(feed.DefaultLife).Client, w.sealer.Shadow())
	w.deps.Shadow = &apart
	o := Options{Addr: "127.0.0.1:0", MaxBody: 64 << 10, MaxBatch: 4 << 20, Version: "test", Log: slog.New(slog.NewTextHandler(&w.log, nil))}
	for _, c := range change {
		c(&o, &w.deps)
	}
	w.server = New(o, w.deps)
	require.NoError(t, w.server.Start())
	transport := &http.Transport{}
	w.client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		require.NoError(t, w.server.Shutdown(ctx))
	})
	return w
}

// reply is an answer as a client sees it.
type reply struct {
	status int
	header http.Header
	text   string
}

func (r reply) json(t testing.TB) map[string]any {
	t.Helper()
	var m map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.text), &m), r.text)
	return m
}

func (w *world) ask(method, path, body string, headers ...string) reply {
	w.t.Helper()
	r := ask(w.t, w.client, method, "http://"+w.server.Addr()+path, body, headers...)
	w.described(method, path, r)
	return r
}

func ask(t testing.TB, client *http.Client, method, url, body string, headers ...string) reply {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	request, err := http.NewRequest(method, url, reader)
	if err != nil { // what Go would not send is sent as it stands
		host, path, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
		request, err = http.NewRequest(method, "http://"+host, reader)
		require.NoError(t, err)
		request.URL.Opaque = "/" + path
	}
	request.Header.Set("X-Request-Id", "the-request")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := client.Do(request)
	require.NoError(t, err)
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		require.NoError(t, err)
	}
	return reply{answer.StatusCode, answer.Header, string(text)}
}

// stock publishes n items with ids v001…, three authors and two tags in turn, the first the newest.
func (w *world) stock(n int) {
	w.t.Helper()
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, `{"id":"v%03d","author":"a%d","title":"Video %d","tags":["t%d"],"published_at":%q,"payload":{"play_url":"https://cdn.example/%d.mp4","cover_url":"c%d"}}`+"\n",
			i, i%3, i, i%2, time.Now().Add(-time.Duration(i)*time.Hour).UTC().Format(time.RFC3339), i, i)
	}
	r := w.ask("POST", "/v1/items:batch", b.String())
	require.Equal(w.t, 200, r.status, r.text)
	require.EqualValues(w.t, n, r.json(w.t)["created"], r.text)
}

// page asks for a page and returns it with the ids of its items.
func (w *world) page(path string) (map[string]any, []string) {
	w.t.Helper()
	r := w.ask("GET", path, "")
	require.Equal(w.t, 200, r.status, r.text)
	m := r.json(w.t)
	return m, idsIn(m)
}

func idsIn(page map[string]any) []string {
	ids := []string{}
	for _, it := range page["items"].([]any) {
		ids = append(ids, it.(map[string]any)["id"].(string))
	}
	return ids
}
