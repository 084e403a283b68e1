package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/instances"
	"github.com/freshet/freshet/test/servers"
)

const hookSecret = "a-secret-of-thirty-two-characters!"

// notice is what a receiver is told.
type notice struct {
	Kind, ID string
	Events   int
	UpTo     int `json:"up_to"`
	At       time.Time
}

// receiver is somebody's service that is told, and answers as it likes.
type receiver struct {
	t      *testing.T
	server *httptest.Server

	mu     sync.Mutex
	heard  []notice // with any answer
	answer func(notice) int
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{t: t, answer: func(notice) int { return http.StatusNoContent }}
	r.server = httptest.NewServer(http.HandlerFunc(r.hear))
	t.Cleanup(r.server.Close)
	return r
}

func (r *receiver) hear(w http.ResponseWriter, req *http.Request) {
	text, _ := io.ReadAll(req.Body)
	mac := hmac.New(sha256.New, []byte(hookSecret))
	_, _ = mac.Write(text)
	var n notice
	if req.Header.Get("Freshet-Signature") != "sha256="+hex.EncodeToString(mac.Sum(nil)) || json.Unmarshal(text, &n) != nil {
		r.t.Errorf("not signed, or no JSON: %s", text)
	}
	r.mu.Lock()
	r.heard = append(r.heard, n)
	answer := r.answer
	r.mu.Unlock()
	w.WriteHeader(answer(n))
}

func (r *receiver) answers(how func(notice) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = how
}

// of are the notices of one subject.
func (r *receiver) of(kind, id string) (all []notice) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.heard {
		if n.Kind == kind && n.ID == id {
			all = append(all, n)
		}
	}
	return all
}

func (r *receiver) env() []string {
	return []string{"FRESHET_NOTIFY_URL=" + r.server.URL + "/told", "FRESHET_NOTIFY_SECRET=" + hookSecret, "FRESHET_NOTIFY_BACKOFF=100ms"}
}

func events(all []notice) (n int) {
	for _, one := range all {
		n += one.Events
	}
	return n
}

// newest is up to where was told, 0 for nowhere.
func newest(all []notice) (upTo int) {
	for _, one := range all {
		upTo = max(upTo, one.UpTo)
	}
	return upTo
}

func likes(n int, viewer, item string) []map[string]any {
	all := make([]map[string]any, n)
	for i := range all {
		all[i] = event("like", viewer, item)
	}
	return all
}

// onEmbeddedAndServers runs the test with one instance and with two.
func onEmbeddedAndServers(t *testing.T, test func(t *testing.T, r *receiver, fleet []*instance)) {
	t.Run("embedded", func(t *testing.T) {
		r := newReceiver(t)
		test(t, r, []*instance{start(t, append([]string{"FRESHET_DATA_DIR=" + t.TempDir()}, r.env()...))})
	})
	t.Run("servers", func(t *testing.T) {
		r := newReceiver(t)
		env := append([]string{"FRESHET_REDIS_ADDRS=" + servers.StartRedis(t).Addr(), "FRESHET_MYSQL_DSN=" + servers.MySQLDatabase(t)}, r.env()...)
		test(t, r, []*instance{
			start(t, append([]string{"FRESHET_DATA_DIR=" + t.TempDir()}, env...)), start(t, append([]string{"FRESHET_DATA_DIR=" + t.TempDir()}, env...)),
		})
	})
}

func TestABurstIsToldInOneCallOrTwo(t *testing.T) {
	onEmbeddedAndServers(t, func(t *testing.T, r *receiver, fleet []*instance) {
		fleet[0].publish(5, 1, 5)
		eventually(t, 10*time.Second, "all know the items", func() bool {
			return !slices.ContainsFunc(fleet, func(in *instance) bool { return !in.shows("i0") })
		})
		began := time.Now()
		var wg sync.WaitGroup
		for i := range 5 { // ten by each of five requests, at whichever instance
			wg.Go(func() { fleet[i%len(fleet)].record(likes(10, "ann", "i0")...) })
		}
		wg.Wait()
		most := 2 + int(time.Since(began)/(300*time.Millisecond)) // two, unless this machine was too slow for a burst
		for _, subject := range [][2]string{{"viewer", "ann"}, {"author", "a0"}} {
			eventually(t, 10*time.Second, "all are told", func() bool { return events(r.of(subject[0], subject[1])) == 50 })
			told := r.of(subject[0], subject[1])
			require.LessOrEqual(t, len(told), most, "%v", told)
			require.Equal(t, 50, told[len(told)-1].UpTo)
			require.WithinDuration(t, time.Now(), told[0].At, time.Minute)
		}
		fleet[0].record(event("skip", "ann", "i0"))
		time.Sleep(500 * time.Millisecond)
		require.Equal(t, 50, events(r.of("viewer", "ann")), "nobody asked to be told of that")
		var reading, enqueued, done, latency float64
		for _, in := range fleet {
			reading += in.metric("freshet_trigger_reading")
			enqueued += in.metrics("freshet_tasks_total")[`{outcome="enqueued"}`]
			done += in.metrics("freshet_task_runs_total")[`{outcome="done"}`]
			latency += in.metric("freshet_task_latency_seconds_count")
		}
		require.Equal(t, 1.0, reading)
		require.Equal(t, float64(len(r.of("viewer", "ann"))+len(r.of("author", "a0"))), enqueued)
		require.Equal(t, enqueued, done)
		require.Equal(t, enqueued, latency)
		for _, in := range fleet {
			require.NoError(t, in.Stop())
		}
	})
}

func TestAReceiverThatFailsTwiceIsToldByTheThirdCall(t *testing.T) {
	onEmbeddedAndServers(t, func(t *testing.T, r *receiver, fleet []*instance) {
		calls := 0
		r.answers(func(notice) int {
			r.mu.Lock()
			defer r.mu.Unlock()
			if calls++; calls <= 2 {
				return http.StatusServiceUnavailable
			}
			return http.StatusOK
		})
		fleet[0].record(likes(3, "ann", "unknown")...)
		eventually(t, 20*time.Second, "three calls", func() bool { return len(r.of("viewer", "ann")) == 3 })
		time.Sleep(1500 * time.Millisecond)
		told := r.of("viewer", "ann")
		require.Len(t, told, 3, "and no more")
		require.Equal(t, told[0], told[1])
		require.Equal(t, told[0], told[2])
		require.Equal(t, 3, told[2].Events)
		retried := 0.0
		for _, in := range fleet {
			retried += in.metrics("freshet_task_runs_total")[`{outcome="retried"}`]
		}
		require.Equal(t, 2.0, retried)
	})
}

func TestAReceiverThatIsDownIsToldWhenAnOperatorSaysSo(t *testing.T) {
	r := newReceiver(t)
	env := append([]string{"FRESHET_REDIS_ADDRS=" + servers.StartRedis(t).Addr(), "FRESHET_MYSQL_DSN=" + servers.MySQLDatabase(t), "FRESHET_DATA_DIR=" + t.TempDir()}, r.env()...)
	in := start(t, env)
	r.answers(func(notice) int { return http.StatusInternalServerError })
	in.record(likes(3, "ann", "unknown")...)
	eventually(t, 30*time.Second, "it is put aside, and that is seen", func() bool {
		return in.metrics("freshet_task_backlog")[`{state="archived"}`] == 1
	})
	require.Len(t, r.of("viewer", "ann"), 4, "one call and three more")
	out, err := instances.Run(t, env, "tasks", "list")
	require.NoError(t, err, out)
	require.Contains(t, out, "put aside  viewer  ann")
	require.Contains(t, out, "hook_refused: the receiver answered 500")
	r.answers(func(notice) int { return http.StatusOK })
	out, err = instances.Run(t, env, "tasks", "run", "--all")
	require.NoError(t, err, out)
	require.Equal(t, "1 to be run now\n", out)
	eventually(t, 10*time.Second, "it is told", func() bool { return len(r.of("viewer", "ann")) == 5 })
	eventually(t, 10*time.Second, "nothing is left", func() bool {
		out, err := instances.Run(t, env, "tasks", "list")
		return err == nil && out == "no task failed\n"
	})
}

// Ended or killed while a window is open, and while the receiver is slow to answer, instances leave nothing untold.
func TestNothingStaysUntoldWhenInstancesEnd(t *testing.T) {
	for _, how := range []string{"stopped", "killed"} {
		t.Run(how, func(t *testing.T) {
			r := newReceiver(t)
			env := append([]string{
				"FRESHET_REDIS_ADDRS=" + servers.StartRedis(t).Addr(), "FRESHET_MYSQL_DSN=" + servers.MySQLDatabase(t), "FRESHET_DATA_DIR=" + t.TempDir(),
			}, r.env()...)
			in := start(t, env)
			r.answers(func(notice) int { time.Sleep(300 * time.Millisecond); return http.StatusOK })
			const viewers, rounds = 30, 4
			for range rounds {
				var all []map[string]any
				for v := range viewers {
					all = append(all, event("like", fmt.Sprint("v", v), "unknown"))
				}
				in.record(all...)
				time.Sleep(100 * time.Millisecond)
				if how == "stopped" {
					require.NoError(t, in.Stop())
					in.Launch()
					in.AwaitReady()
				} else {
					in.Restart()
				}
			}
			r.answers(func(notice) int { return http.StatusOK })
			for v := range viewers { // a task that was being run when its instance was killed is run again within two minutes
				eventually(t, 150*time.Second, "everything is told", func() bool {
					return newest(r.of("viewer", fmt.Sprint("v", v))) == viewers*(rounds-1)+v+1
				})
				require.GreaterOrEqual(t, events(r.of("viewer", fmt.Sprint("v", v))), rounds)
				if how == "stopped" {
					require.Equal(t, rounds, events(r.of("viewer", fmt.Sprint("v", v))), "and nothing twice")
				}
			}
		})
	}
}

func TestWithoutRedisEventsAreAcceptedAndToldLater(t *testing.T) {
	r := newReceiver(t)
	redis := servers.StartRedis(t)
	in := start(t, append([]string{"FRESHET_REDIS_ADDRS=" + redis.Addr(), "FRESHET_MYSQL_DSN=" + servers.MySQLDatabase(t), "FRESHET_DATA_DIR=" + t.TempDir()}, r.env()...))
	in.record(likes(1, "ann", "unknown")...)
	eventually(t, 10*time.Second, "it is told", func() bool { return events(r.of("viewer", "ann")) == 1 })
	redis.Kill()
	for range 5 {
		in.record(likes(1, "ann", "unknown")...)
		in.record(likes(1, "ben", "unknown")...)
		time.Sleep(100 * time.Millisecond)
	}
	require.Empty(t, r.of("viewer", "ben"))
	redis.Restart()
	eventually(t, 20*time.Second, "all is told", func() bool { return newest(r.of("viewer", "ann")) == 10 && newest(r.of("viewer", "ben")) == 11 })
	require.GreaterOrEqual(t, events(r.of("viewer", "ann")), 6)
	require.GreaterOrEqual(t, events(r.of("viewer", "ben")), 5)
	require.LessOrEqual(t, len(r.of("viewer", "ben")), 2)
}

func TestTasksOfWhoIsErasedGo(t *testing.T) {
	r := newReceiver(t)
	redis, dsn := servers.StartRedis(t), servers.MySQLDatabase(t)
	env := append([]string{"FRESHET_REDIS_ADDRS=" + redis.Addr(), "FRESHET_MYSQL_DSN=" + dsn, "FRESHET_NOTIFY_REFRESH=true"}, r.env()...)
	fleet := []*instance{
		start(t, append([]string{"FRESHET_DATA_DIR=" + t.TempDir()}, env...)), start(t, append([]string{"FRESHET_DATA_DIR=" + t.TempDir()}, env...)),
	}
	kept := stores{"sql": mysqlOf(t, dsn), "redis": redisOf(t, redis.Addr(), "")}
	r.answers(func(notice) int { return http.StatusInternalServerError })
	for _, viewer := range []string{leaver, stayer} {
		fleet[0].record(likes(3, viewer, "unknown")...)
	}
	eventually(t, 30*time.Second, "both are put aside", func() bool {
		return fleet[0].metrics("freshet_task_backlog")[`{state="archived"}`] == 2
	})
	require.Contains(t, kept.holding(t, leaver), "redis")
	removed := erase(t, fleet[1], leaver)
	require.Equal(t, 1, removed["redis tasks"], "%v", removed)
	require.Empty(t, kept.traces(t, leaver))
	out, err := instances.Run(t, env, "tasks", "list")
	require.NoError(t, err, out)
	require.NotContains(t, out, leaver)
	require.Equal(t, 1, strings.Count(out, "put aside"))

	for i := range 20 { // while they are on their way
		viewer := fmt.Sprint("hasty-77c0-", i)
		fleet[i%2].record(likes(1, viewer, "unknown")...)
		erase(t, fleet[(i+1)%2], viewer)
	}
	eventually(t, 10*time.Second, "what was on its way is gone", func() bool { return len(kept.traces(t, "hasty-77c0-")) == 0 })
	time.Sleep(time.Second)
	require.Empty(t, kept.traces(t, "hasty-77c0-"), "and does not come again")
	for _, in := range fleet {
		require.NotContains(t, in.Output.String(), leaver, "the log names no viewer")
	}
}

func TestTheNextPageFindsItsViewerPrepared(t *testing.T) {
	redis, dsn := servers.StartRedis(t), servers.MySQLDatabase(t)
	in := start(t, []string{"FRESHET_REDIS_ADDRS=" + redis.Addr(), "FRESHET_MYSQL_DSN=" + dsn, "FRESHET_DATA_DIR=" + t.TempDir(), "FRESHET_NOTIFY_REFRESH=true"})
	in.record(likes(1, "ann", "unknown")...)
	eventually(t, 10*time.Second, "the fast store has the viewer", func() bool {
		return in.metrics("freshet_task_refreshed_total")[`{outcome="filled"}`] == 1
	})
	search := redisOf(t, redis.Addr(), "")
	require.True(t, slices.ContainsFunc(search(t, "ann"), func(key string) bool { return strings.Contains(key, "will") }))
	in.record(likes(1, "ann", "unknown")...)
	eventually(t, 10*time.Second, "it is looked at again", func() bool { return in.metrics("freshet_task_runs_total")[`{outcome="done"}`] == 2 })
	require.Equal(t, 1.0, in.metrics("freshet_task_refreshed_total")[`{outcome="filled"}`], "and was there")
}
