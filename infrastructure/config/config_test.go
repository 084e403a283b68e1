package config_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/infrastructure/config"
)

func file(t testing.TB, text string) string {
	path := filepath.Join(t.TempDir(), "freshet.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func load(t testing.TB, o config.Options) *config.Config {
	c, err := config.Load(o)
	require.NoError(t, err)
	return c
}

func TestTheDefaultsAreWhatIsPromised(t *testing.T) {
	c := load(t, config.Options{Environment: []string{"HOME=/home/u"}})
	require.Equal(t, "127.0.0.1:8080", c.HTTP.Addr)
	require.Equal(t, "127.0.0.1:8081", c.Admin.Addr)
	require.Equal(t, "127.0.0.1:9090", c.RPC.Addr)
	require.Equal(t, "/home/u/.local/share/freshet", c.DataDir)
	require.Empty(t, c.Redis.Addrs)
	require.Empty(t, c.MySQL.DSN)
	require.Equal(t, 6*time.Hour, c.Serving.SessionLife)
	require.Equal(t, config.Rest{Served: 30 * time.Minute, Seen: 168 * time.Hour, Consumed: 2160 * time.Hour}, c.Rest)
	require.True(t, c.Tuning.Enabled)
	require.Len(t, c.Events, 21)
	require.Equal(t, config.EventLog{
		WaitingEvents: 50_000, Patience: 2 * time.Second, GroupEvents: 2000,
		Kafka: config.Kafka{Brokers: []string{}, Topic: "freshet-events", Mechanism: "scram-sha-512", RememberedIDs: 500_000},
	}, c.EventLog)
	require.Equal(t, config.Relay{Source: "outbox"}, c.Relay)
	require.Equal(t, config.Retention{Events: 9600 * time.Hour, Pages: 2160 * time.Hour}, c.Retention)
	require.Equal(t, config.Shadow{Retention: 24 * time.Hour}, c.Shadow, "whoever may send the mark is not known, so it is refused")
	require.Equal(t, config.Learning{UnknownItems: "wait", WaitingEvents: 20_000}, c.Learning)
	require.Equal(t, config.Training{Schedule: "embedded", Every: 6 * time.Hour, LeastEvents: 1000, Items: 4000, Viewers: 200_000, Examples: 8_000_000, Lambda: 500, Tolerance: 0.1}, c.Training)
	require.Equal(t, -0.6, c.Events["skip"])
	require.Empty(t, c.Notify.URL)
	require.False(t, c.Notify.Refresh)
	require.Len(t, c.Notify.ViewerActs, 14)
	require.Equal(t, []string{"like", "favorite", "comment", "share", "follow_author"}, c.Notify.AuthorActs)
	require.Equal(t, 300*time.Millisecond, c.Notify.Window)
	require.Equal(t, 200*time.Millisecond, c.Notify.Current)
	for _, name := range []string{"for-you", "following", "trending", "latest", "related"} {
		require.Contains(t, c.Feeds, name)
		rest := c.Rest
		if name != "for-you" {
			rest.Served = 0 // looked at again, these begin at the top again
		}
		require.Equal(t, rest, c.Feeds[name].Rest, name)
	}
	you := c.Feeds["for-you"]
	require.Len(t, you.Weights, 31)
	require.Len(t, you.Learned, 18)
	require.Equal(t, config.Arrange{AuthorShare: 0.2, TagShare: 1, AuthorFatigue: 0.3, TagFatigue: 0.1, FatigueHalf: 30 * time.Minute}, you.Arrange)
	require.Equal(t, "sources", c.Feeds["following"].Supply)
	require.Equal(t, config.Explore{Share: 0.03, Met: 20, SmallAuthors: 0.3, AuthorMet: 50}, you.Explore)
	require.Equal(t, 14*24*time.Hour, you.RegretHalf)
	require.Zero(t, c.Feeds["latest"].Explore)
}

// A key is explained by the comment above it, or above the siblings it directly follows; the acts are explained
// together, and what feeds have in common is explained once.
func TestEveryKeyOfTheDefaultsIsExplained(t *testing.T) {
	key := regexp.MustCompile(`^( *)([a-z0-9_-]+):( |$)`)
	explained := map[string]bool{}
	var path []string
	before, lastDepth := "", 0
	for _, line := range strings.Split(string(config.Defaults()), "\n") {
		if m := key.FindStringSubmatch(line); m != nil {
			depth := len(m[1]) / 2
			follows := depth > 0 && depth == lastDepth && key.MatchString(before)
			path = append(path[:depth], m[2])
			at := strings.Join(path, ".")
			if depth > 1 && path[0] == "feeds" {
				at = "a feed's " + m[2]
			}
			ok := strings.HasPrefix(strings.TrimSpace(before), "#") || follows || path[0] == "events" || explained[at]
			require.True(t, ok, "%q is not explained", line)
			explained[at], lastDepth = true, depth
		}
		before = line
	}
	require.Greater(t, len(explained), 80)
}

func TestTheLaterSourceWins(t *testing.T) {
	path := file(t, "http: {addr: '0.0.0.0:1'}\nrpc: {addr: '0.0.0.0:2'}\nadmin: {addr: '0.0.0.0:3'}\nredis: {addrs: ['a:1']}\n")
	c := load(t, config.Options{
		Environment: []string{"FRESHET_CONFIG=" + path, "FRESHET_RPC_ADDR=0.0.0.0:20", "FRESHET_ADMIN_ADDR=0.0.0.0:30", "FRESHET_REDIS_ADDRS= b:1, c:2", "PATH=/bin"},
		Set:         []string{"admin.addr=0.0.0.0:300", "log.level=warn", "log.level=error"},
	})
	require.Equal(t, []string{"0.0.0.0:1", "0.0.0.0:20", "0.0.0.0:300"}, []string{c.HTTP.Addr, c.RPC.Addr, c.Admin.Addr})
	require.Equal(t, []string{"b:1", "c:2"}, c.Redis.Addrs)
	require.Equal(t, "error", c.Log.Level)

	other := file(t, "log: {level: debug}")
	c = load(t, config.Options{File: other, Environment: []string{"FRESHET_CONFIG=/nowhere"}})
	require.Equal(t, "debug", c.Log.Level, "the file of the command line is read instead of the environment's")
}

func TestEveryKeyHasAVariable(t *testing.T) {
	c := load(t, config.Options{Environment: []string{
		"FRESHET_DATA_DIR=/d", "FRESHET_MYSQL_DSN=u:p@tcp(h:1)/db", "FRESHET_MYSQL_REPLICAS=u@tcp(r:1)/db", "FRESHET_HTTP_MAX_BODY=2048",
		"FRESHET_SERVING_STORE_PATIENCE=1s", "FRESHET_TUNING_ENABLED=false", "FRESHET_EVENTS_PLAY_COMPLETE=2.5",
		"FRESHET_FEEDS_FOR_YOU_WEIGHTS_TAG_AFFINITY=9", "FRESHET_FEEDS_FOR_YOU_REST_SEEN=1h", "FRESHET_REST_SERVED=1m",
		"FRESHET_FEEDS_LATEST_SOURCES=[{name: fresh, limit: 7}]", "FRESHET_LOG_LEVEL=",
		"FRESHET_TEST_ANYTHING=1", "FRESHET_SERVICE_HOST=10.0.0.1", "FRESHET_PORT=tcp://10.0.0.1:80", "FRESHET_ADMIN_PORT_8081_TCP_ADDR=10.0.0.1",
	}})
	require.Equal(t, "/d", c.DataDir)
	require.Equal(t, []string{"u@tcp(r:1)/db"}, c.MySQL.Replicas)
	require.Equal(t, 2048, c.HTTP.MaxBody)
	require.Equal(t, time.Second, c.Serving.StorePatience)
	require.False(t, c.Tuning.Enabled)
	require.Equal(t, 2.5, c.Events["play_complete"])
	require.Equal(t, 9.0, c.Feeds["for-you"].Weights["tag_affinity"])
	require.Equal(t, config.Rest{Served: time.Minute, Seen: time.Hour, Consumed: 2160 * time.Hour}, c.Feeds["for-you"].Rest)
	require.Equal(t, []config.Source{{Name: "fresh", Limit: 7}}, c.Feeds["latest"].Sources)
	require.Equal(t, "info", c.Log.Level)
}

func TestFeedsAreMergedKeyByKey(t *testing.T) {
	c := load(t, config.Options{File: file(t, `
rest: {seen: 1h}
feeds:
  for-you:
    weights: {sequence: 5}
    actions: {report: -50}
    sources: [{name: fresh, limit: 3}]
  trending: null
  latest:
  mine:
    sources: [{name: explore, limit: 10}]
    rest: {served: 0s}
experiments:
  - name: e
    variants: [{name: v, share: 5000, feeds: {for-you: mine}}]
`)})
	you := c.Feeds["for-you"]
	require.Equal(t, 5.0, you.Weights["sequence"])
	require.Equal(t, 1.0, you.Weights["following"], "what is not named stays")
	require.Equal(t, -50.0, you.Actions["report"])
	require.Equal(t, 1.0, you.Actions["like"], "what is not named stays")
	require.Equal(t, []config.Source{{Name: "fresh", Limit: 3}}, you.Sources, "a list is replaced")
	require.Equal(t, 0.2, you.Arrange.AuthorShare)
	require.NotContains(t, c.Feeds, "trending")
	require.NotContains(t, c.Feeds, "latest")
	mine := c.Feeds["mine"]
	require.Equal(t, "value", mine.Order)
	require.Equal(t, "catalogue", mine.Supply)
	require.Equal(t, you.Arrange, mine.Arrange)
	require.Equal(t, you.Explore, mine.Explore)
	require.Equal(t, you.RegretHalf, mine.RegretHalf)
	require.Empty(t, mine.Weights)
	require.Empty(t, mine.Actions)
	require.Equal(t, config.Rest{Seen: time.Hour, Consumed: 2160 * time.Hour}, mine.Rest)
	require.Equal(t, []config.Experiment{{Name: "e", Variants: []config.Variant{{Name: "v", Share: 5000, Feeds: map[string]string{"for-you": "mine"}}}}}, c.Experiments)

	c = load(t, config.Options{Set: []string{"feeds.mine.order=newest", "feeds.trending=null", "feeds.mine.weights={fresh: 1}", "feeds.mine.weights.explore=2", "feeds.mine.actions.like=3"}})
	require.Equal(t, map[string]float64{"like": 3}, c.Feeds["mine"].Actions)
	require.Equal(t, "newest", c.Feeds["mine"].Order)
	require.Equal(t, map[string]float64{"fresh": 1, "explore": 2}, c.Feeds["mine"].Weights)
	require.NotContains(t, c.Feeds, "trending")
}

func TestWhatIsRefused(t *testing.T) {
	for _, c := range []struct{ name, file, env, set, says string }{
		{"an unknown section", "htpp: {addr: 'a:1'}", "", "", "htpp: there is no such key; did you mean "},
		{"an unknown key", "http: {adr: 'a:1'}", "", "", "http.adr: there is no such key; did you mean http.addr?"},
		{"an unknown act", "events: {lik: 1}", "", "", "events.lik: there is no such key; did you mean events.like?"},
		{"an unknown weight", "feeds: {for-you: {weights: {afinity: 1}}}", "", "", "feeds.for-you.weights.afinity: there is no such key; did you mean feeds.for-you.weights.affinity?"},
		{"an unknown action", "feeds: {mine: {actions: {lik: 1}}}", "", "", "feeds.mine.actions.lik: there is no such key; did you mean feeds.mine.actions.like?"},
		{"an action worth too much", "", "FRESHET_FEEDS_FOR_YOU_ACTIONS_REPORT=-1000.5", "", "feeds.for-you.actions.report: must lie between -1000 and 1000"},
		{"an action worth no number", "", "", "feeds.for-you.actions.like=.nan", "feeds.for-you.actions.like: \".nan\" is not a number"},
		{"an unknown key in a list", "feeds: {mine: {sources: [{nam: fresh}]}}", "", "", "feeds.mine.sources[0].nam: there is no such key"},
		{"a key of a plain value", "log: {level: {x: 1}}", "", "", "log.level: must be a text"},
		{"a name with capitals", "feeds: {Mine: {}}", "", "", "feeds.Mine: a name is"},
		{"a number for a text", "redis: {password: 1234}", "", "", "redis.password: must be a text; put it in quotes"},
		{"a text for a number", "http: {max_body: '1'}", "", "", "http.max_body: must be a whole number"},
		{"a fraction for a whole number", "redis: {db: 1.0}", "", "", "redis.db: must be a whole number"},
		{"a text for a flag", "tuning: {enabled: 'yes'}", "", "", "tuning.enabled: must be true or false"},
		{"a number for a time", "rest: {seen: 10}", "", "", "rest.seen: must be a time such as"},
		{"days", "rest: {seen: 7d}", "", "", `rest.seen: "7d" is not a time such as`},
		{"a text for a list", "redis: {addrs: 'a:1'}", "", "", "redis.addrs: must be a list"},
		{"nothing in a list", "redis: {addrs: [~]}", "", "", "redis.addrs[0]: must have a value"},
		{"a list for a group", "http: []", "", "", "http: must be a group of keys"},
		{"no number at all", "events: {like: .nan}", "", "", "events.like: must be a number"},
		{"an endless number", "events: {like: .inf}", "", "", "events.like: must be a number"},
		{"too much", "events: {like: 1000.5}", "", "", "events.like: must lie between -1000 and 1000"},
		{"a share of nothing", "feeds: {for-you: {arrange: {author_share: 0}}}", "", "", "feeds.for-you.arrange.author_share: must lie above 0 and be at most 1"},
		{"too long a time", "serving: {session_life: 169h}", "", "", "serving.session_life: must lie between 1m and 168h"},
		{"a negative time", "rest: {served: -1s}", "", "", "rest.served: must lie between 0s and 8760h"},
		{"an unknown level", "log: {level: loud}", "", "", `log.level: "loud" is none of: debug, info, warn, error`},
		{"an order of one's own", "feeds: {for-you: {order: best}}", "", "", `feeds.for-you.order: "best" is none of: value, newest`},
		{"a schedule of one's own", "training: {schedule: daily}", "", "", `training.schedule: "daily" is none of: embedded, always, never`},
		{"to keep what is unknown", "learning: {unknown_items: keep}", "", "", `learning.unknown_items: "keep" is none of: wait, drop`},
		{"a queue too short for a request", "event_log: {waiting_events: 9999}", "", "", "event_log.waiting_events: must lie between 10000 and 1000000"},
		{"no patience", "", "FRESHET_EVENT_LOG_PATIENCE=9ms", "", "event_log.patience: must lie between 10ms and 1m"},
		{"transactions of nothing", "", "", "event_log.group_events=0", "event_log.group_events: must lie between 1 and 100000"},
		{"a room for nobody", "learning: {waiting_events: 0}", "", "", "learning.waiting_events: must lie between 1 and 1000000"},
		{"more items than a model can hold", "training: {items: 10001}", "", "", "training.items: must lie between 2 and 10000"},
		{"no penalty at all", "training: {lambda: 0}", "", "", "training.lambda: must lie above 0 and be at most 1000000"},
		{"to tolerate more than all", "training: {tolerance: 1.5}", "", "", "training.tolerance: must lie between 0 and 1"},
		{"to train all the time", "training: {every: 0s}", "", "", "training.every: must lie between 1s and 8760h"},
		{"an address without a port", "http: {addr: localhost}", "", "", `http.addr: "localhost" is not host:port`},
		{"a port past all ports", "http: {addr: 'a:65536'}", "", "", `http.addr: "a:65536" is not host:port`},
		{"braces in a prefix", "redis: {prefix: '{a}'}", "", "", "redis.prefix: may not hold braces"},
		{"an address that is none", "notify: {url: 'example.org/hook'}", "", "", "notify.url: must be an address such as https://host/path"},
		{"an address without a secret", "notify: {url: 'https://example.org'}", "", "", "notify.secret: must be given with notify.url"},
		{"an act that is none of a viewer", "notify: {viewer_acts: [like, lick]}", "", "", `notify.viewer_acts: there is no event "lick"`},
		{"an act that is none of an author", "notify: {author_acts: [lick]}", "", "", `notify.author_acts: there is no event "lick"`},
		{"a short secret", "serving: {cursor_secret: abc}", "", "", "serving.cursor_secret: must have 32 characters"},
		{"a pin without a place", "feeds: {mine: {pins: [{item: a}]}}", "", "", "feeds.mine.pins[0]: must have an item and a position"},
		{"a pin of other pages", "feeds: {mine: {pins: [{item: a, position: 1, pages: last}]}}", "", "", `feeds.mine.pins[0].pages: "last" is none of: first, every`},
		{"a pin from no moment", "feeds: {mine: {pins: [{item: a, position: 1, from: tomorrow}]}}", "", "", `feeds.mine.pins[0].from: "tomorrow" is not a moment such as`},
		{"a number for a moment", "feeds: {mine: {pins: [{item: a, position: 1, from: 3}]}}", "", "", "feeds.mine.pins[0].from: must be a moment such as"},
		{"a moment of another age", "feeds: {mine: {pins: [{item: a, position: 1, until: 1999-12-31}]}}", "", "", "feeds.mine.pins[0].until: must lie in the years 2000 to 2999"},
		{"a slot without a place", "feeds: {mine: {slots: [{source: fresh}]}}", "", "", "feeds.mine.slots[0]: must have a source and the first place"},
		{"to explore more than all", "feeds: {mine: {explore: {share: 1.1}}}", "", "", "feeds.mine.explore.share: must lie between 0 and 1"},
		{"a source without a limit", "feeds: {mine: {sources: [{name: fresh}]}}", "", "", "feeds.mine.sources[0]: must have a name and a limit"},
		{"one address twice", "http: {addr: '127.0.0.1:9090'}", "", "", "must be three addresses"},
		{"replicas of nothing", "mysql: {replicas: ['a@tcp(b:1)/c']}", "", "", "mysql.dsn: must name the server"},
		{"sentinels that are nowhere", "redis: {master_name: m}", "", "", "redis.addrs: must name servers"},
		{"a variant of no feed", "experiments: [{name: e, variants: [{name: v, share: 1, feeds: {for-you: x}}]}]", "", "", `experiments[0].variants[0].feeds: there is no feed "x"`},
		{"more than all viewers", "experiments: [{name: e, variants: [{name: v, share: 10001}]}]", "", "", "share: must lie between 0 and 10000"},
		{"no YAML", "http: [", "", "", "yaml: "},
		{"a list of everything", "- 1", "", "", "cannot unmarshal"},
		{"a key twice", "log: {level: info}\nlog: {level: info}", "", "", "already defined"},

		{"an unknown variable", "", "FRESHET_HTTP_ADRR=a:1", "", "FRESHET_HTTP_ADRR: there is no such key; did you mean FRESHET_HTTP_ADDR?"},
		{"an unknown variable without a value", "", "FRESHET_NONSENSE=", "", "FRESHET_NONSENSE: there is no such key"},
		{"a log that the embedded database has not", "relay: {source: binlog}\n", "", "", "relay.source: can be binlog only with a server in mysql.dsn"},
		{"events forgotten too soon", "retention: {events: 2159h}", "", "", "retention.events: must be 0s or at least 2160h"},
		{"events that a feed goes by", "feeds: {mine: {rest: {consumed: 8760h}}}\nretention: {events: 8759h}", "", "", "retention.events: must be 0s or at least 8760h"},
		{"more garbage at least than at most", "memory: {spare_least: 2097152, spare_most: 2097151}", "", "", "memory.spare_most: must be no less than memory.spare_least"},
		{"shadow traffic forgotten too soon", "serving: {session_life: 100h}\nshadow: {enabled: true, retention: 99h}", "", "", "shadow.retention: must be at least 100h"},
		{"pages forgotten too soon", "serving: {session_life: 100h}\nretention: {pages: 99h}", "", "", "retention.pages: must be 0s or at least 100h"},
		{"a replica's number out of range", "", "FRESHET_RELAY_SERVER_ID=4294967296", "", "relay.server_id: must lie between 0 and 4294967295"},
		{"a variable of the wrong type", "", "FRESHET_HTTP_MAX_BODY=big", "", `FRESHET_HTTP_MAX_BODY: http.max_body: "big" is not a whole number`},
		{"a variable out of range", "", "FRESHET_REDIS_DB=-1", "", "redis.db: must lie between 0 and 1000"},
		{"an unknown key of --set", "", "", "http.adress=a:1", "--set: http.adress: there is no such key; did you mean http.addr?"},
		{"a --set without a value", "", "", "http.addr", "--set http.addr: must be key=value"},
		{"a --set of the wrong type", "", "", "tuning.enabled=perhaps", `--set: tuning.enabled: "perhaps" is neither true nor false`},
		{"a --set below a value", "", "", "http.addr.x=1", "--set: http.addr.x: there is no such key"},
		{"a --set of nothing", "", "", "=1", "--set: there is no such key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := config.Options{}
			if c.file != "" {
				o.File = file(t, c.file)
			}
			if c.env != "" {
				o.Environment = []string{c.env}
			}
			if c.set != "" {
				o.Set = []string{c.set}
			}
			_, err := config.Load(o)
			var refused *config.Error
			require.ErrorAs(t, err, &refused)
			require.Contains(t, err.Error(), c.says)
			require.NotContains(t, err.Error(), "\n")
			if c.file != "" && !strings.Contains(c.says, "must be three") && refused.Source != "" {
				require.Contains(t, err.Error(), "freshet.yaml: ")
			}
		})
	}
}

func TestMomentsAreWrittenInQuotesOrNot(t *testing.T) {
	c := load(t, config.Options{File: file(t, `
feeds:
  for-you:
    pins:
      - {item: plain, position: 1, from: 2026-12-24T18:00:00+02:00, until: 2026-12-27}
      - {item: quoted, position: 100, pages: every, from: "2026-12-24T18:00:00.5+02:00", until: "", lang: en, region: EU}
    slots: [{source: following, from: 3, every: 10}]
`)})
	require.Equal(t, []config.Pin{
		{Item: "plain", Position: 1, Pages: "first", From: time.Date(2026, 12, 24, 16, 0, 0, 0, time.UTC), Until: time.Date(2026, 12, 27, 0, 0, 0, 0, time.UTC)},
		{Item: "quoted", Position: 100, Pages: "every", From: time.Date(2026, 12, 24, 16, 0, 0, 5e8, time.UTC), Lang: "en", Region: "EU"},
	}, c.Feeds["for-you"].Pins)
	require.Equal(t, []config.Slot{{Source: "following", From: 3, Every: 10}}, c.Feeds["for-you"].Slots)

	text, err := c.Masked()
	require.NoError(t, err)
	require.Equal(t, c.Feeds["for-you"], load(t, config.Options{File: file(t, string(text))}).Feeds["for-you"])

	c = load(t, config.Options{Set: []string{"feeds.for-you.pins=[{item: set, position: 2, from: 2026-12-24T18:00:00Z}]"}})
	require.Equal(t, "set", c.Feeds["for-you"].Pins[0].Item)
}

func TestAVariableThatMayMeanTwoKeysIsRefused(t *testing.T) {
	path := file(t, "feeds: {a-b: {order: newest}, a_b: {order: newest}}")
	_, err := config.Load(config.Options{File: path, Environment: []string{"FRESHET_FEEDS_A_B_ORDER=value"}})
	require.ErrorContains(t, err, "FRESHET_FEEDS_A_B_ORDER: may mean feeds.a-b.order or feeds.a_b.order; use --set")
}

func TestAFileThatIsNotThereIsSaidSo(t *testing.T) {
	_, err := config.Load(config.Options{File: "/nowhere/freshet.yaml"})
	require.EqualError(t, err, "/nowhere/freshet.yaml: cannot be read: no such file or directory")
	_, err = config.Load(config.Options{File: file(t, "# "+strings.Repeat("x", 1<<20))})
	require.ErrorContains(t, err, "longer than 1048576 bytes")
}

func TestSecretsAreMasked(t *testing.T) {
	c := load(t, config.Options{Set: []string{
		"mysql.dsn=root:se/cr@et@tcp(h:3306)/db?timeout=1s", "mysql.replicas=ro:topsecret@tcp(r:3306)/db", "redis.addrs=h:1",
		"notify.url=https://u:wordofthehook@h/?k=wordofthehook", "notify.secret=" + strings.Repeat("wordofthehook", 3), "redis.password=hushhush", "redis.sentinel_password=hushhush", "serving.cursor_secret=" + strings.Repeat("s3cr3t", 6),
	}})
	text, err := c.Masked()
	require.NoError(t, err)
	for _, secret := range []string{"se/cr@et", "topsecret", "hushhush", "s3cr3t", "wordofthehook"} {
		require.NotContains(t, string(text), secret)
	}
	require.Contains(t, string(text), "root:********@tcp(h:3306)/db?timeout=1s")
	require.Contains(t, string(text), "ro:********@tcp(r:3306)/db")
}

func TestWhatIsPrintedCanBeRead(t *testing.T) {
	c := load(t, config.Options{Set: []string{"feeds.mine.order=newest", "feeds.trending=null", "events.like=3"}})
	text, err := c.Masked()
	require.NoError(t, err)
	again := load(t, config.Options{File: file(t, string(text))})
	require.Equal(t, c.Version(), again.Version())
	require.NotContains(t, again.Feeds, "trending")
}

func TestWhatIsPrintedOfTheDefaultsIsTheDefaults(t *testing.T) {
	plain := load(t, config.Options{})
	require.Equal(t, plain, load(t, config.Options{File: file(t, string(config.Defaults()))}))
}

func TestTheVersionFollowsWhatPagesAreMadeFrom(t *testing.T) {
	v := load(t, config.Options{}).Version()
	require.Len(t, v, 12)
	require.Equal(t, v, load(t, config.Options{Set: []string{"http.addr=0.0.0.0:80", "rest.seen=10080m"}}).Version(), "one week either way")
	for _, set := range []string{"events.like=1.6", "rest.seen=1h", "feeds.for-you.weights.fresh=0.21", "feeds.for-you.actions.like=1.1", "feeds.latest=null", "tuning.enabled=false", "experiments=[{name: e}]"} {
		require.NotEqual(t, v, load(t, config.Options{Set: []string{set}}).Version(), set)
	}
}

// Nothing that is written anywhere makes Load panic, and what it accepts can be printed and read again.
func FuzzLoad(f *testing.F) {
	f.Add("http: {addr: 'a:1'}", "FRESHET_REDIS_ADDRS=a:1,b:2", "feeds.x.order=newest")
	f.Add("feeds: {for-you: , x: {rest: {seen: 1h}}}", "FRESHET_CONFIG=", "feeds.for-you=null")
	f.Add("a: &a {b: *a}", "FRESHET_", "feeds={x: {sources: []}}")
	f.Add("feeds: {1: {2: 3}}\n? [a]\n: b", "FRESHET_EVENTS_LIKE=NaN", "experiments=[1]")
	f.Add("a\rb: 1", "FRESHET_A\n=1", "a\n\x0fb\xff=1")
	f.Add(string(config.Defaults()), "FRESHET_FEEDS_FOR_YOU_SOURCES=[", "events.like=.inf")
	f.Fuzz(func(t *testing.T, text, env, set string) {
		if strings.HasPrefix(env, "FRESHET_CONFIG=") {
			env = ""
		}
		c, err := config.Load(config.Options{File: file(t, text), Environment: []string{env}, Set: []string{set}})
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			return
		}
		require.NotEmpty(t, c.Version())
		printed, err := c.Masked()
		require.NoError(t, err)
		if strings.Contains(string(printed), "*****") {
			return
		}
		again, err := config.Load(config.Options{File: file(t, string(printed))})
		require.NoError(t, err)
		require.Equal(t, c.Version(), again.Version())
	})
}
