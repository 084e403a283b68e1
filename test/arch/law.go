package arch

// Law is what packages are judged by.
type Law struct {
	Rooms    []Room
	Rules    []Rule
	Bans     []Ban
	Outdoors []string // top-level folders that are no rooms
}

// Room is a top-level folder of Go packages.
type Room struct {
	Name    string
	Signed  bool // its doc.go says what the law says
	Context bool // each folder in it is a room of its own, to be allowed the others one by one
	Open    bool // may import everything
	Because string
}

// Rule allows the packages in From, a room or a folder in one, to import To: a folder of ours or others' module.
type Rule struct{ From, To, Because string }

// Ban takes a package of the standard library, and what is below it, from a room.
type Ban struct{ From, To, Because string }

// Freshet is the law of this house. A room may always import itself, context by context where it has contexts.
var Freshet = Law{
	Rooms: []Room{
		{Name: "domain", Signed: true, Context: true, Because: "the model answers to nobody"},
		{Name: "application", Signed: true, Because: "use cases are recipes over the model"},
		{Name: "ports", Signed: true, Because: "who calls us"},
		{Name: "adapters", Signed: true, Because: "whom we call"},
		{Name: "infrastructure", Signed: true, Because: "another product could use it unchanged"},
		{Name: "cmd", Because: "where it is put together"},
		{Name: "idl", Because: "the wire contract and what is generated from it"},
		{Name: "examples", Because: "what another service would write, knowing only the wire contract"},
		{Name: "test", Open: true, Because: "tests look at everything, and nothing looks at them"},
	},
	Rules: []Rule{
		{"domain", "domain/fault", "the kinds of failure are the only shared kernel"},
		{"domain/audience", "domain/catalog", "what is known of viewers is what they did to items and authors"},
		{"domain/access", "domain/audience", "some callers are viewers"},
		{"domain/feed", "domain/audience", "a session is one viewer's"},
		{"domain/feed", "domain/catalog", "a page is made of items"},
		{"domain/feed", "domain/experiment", "a session holds to its assignments"},
		{"domain/feed", "domain/recommend", "a page is served from a ranking"},
		{"domain/recommend", "domain/audience", "candidates are valued for a viewer"},
		{"domain/recommend", "domain/catalog", "candidates are items"},
		{"domain/engagement", "domain/audience", "an event is some viewer's doing"},
		{"domain/engagement", "domain/catalog", "an event is about an item or an author"},

		{"application", "domain", "a use case asks aggregates to decide"},
		{"application/notifying", "golang.org/x/sync", "tasks are enqueued several at a time, and given up together"},

		{"ports", "application", "a port calls use cases"},
		{"ports", "domain", "a port parses into the model's values"},
		{"ports", "idl", "RPC speaks the generated types"},
		{"ports", "github.com/cloudwego", "Hertz and Kitex are the protocols"},
		{"ports", "github.com/hertz-contrib", "Hertz middleware"},
		{"ports", "github.com/prometheus", "presents metrics"},
		{"ports/cli", "github.com/spf13/cobra", "parses command lines"},
		{"ports/cli", "github.com/schollz/progressbar/v3", "presents progress"},
		{"ports/cli/load", "github.com/HdrHistogram/hdrhistogram-go", "latencies, exact in every percentile"},
		{"ports/cli/load", "github.com/bytedance/sonic", "reads pages at little cost to the cores it shares with the service"},
		{"ports/cli/load", "github.com/bytedance/gopkg", "the metainfo of Kitex, where the mark of a rehearsal travels"},

		{"adapters", "application", "grants the wishes use cases declare: their port interfaces only"},
		{"adapters", "domain", "grants the wishes the model declares, in its words"},
		{"adapters", "gorm.io", "SQL stores"},
		{"adapters", "github.com/go-sql-driver/mysql", "knows MySQL's error numbers"},
		{"adapters", "github.com/libtnb/sqlite", "SQL stores of the embedded default"},
		{"adapters", "github.com/pressly/goose/v3", "SQL migrations"},
		{"adapters", "github.com/redis/go-redis/v9", "Redis stores"},
		{"adapters/trainedmodel", "gonum.org/v1/gonum", "linear algebra"},
		{"adapters/memindex", "golang.org/x/text", "normal forms of titles"},
		{"adapters/asynqtasks", "github.com/hibiken/asynq", "a queue of tasks in Redis"},
		{"adapters/binlog", "github.com/go-mysql-org/go-mysql", "the protocol of replicas"},
		{"adapters/readcache", "github.com/maypok86/otter/v2", "which copies to keep in a bounded space"},
		{"adapters/readcache", "github.com/bits-and-blooms/bloom/v3", "a filter of ids"},
		{"adapters/tokens", "github.com/golang-jwt/jwt/v5", "signed tokens"},
		{"adapters/tokens", "github.com/MicahParks/jwkset", "the keys that issuers publish"},
		{"adapters/tokens", "github.com/maypok86/otter/v2", "which tokens to remember in a bounded space"},
		{"adapters/tokens", "golang.org/x/time", "how often an issuer is asked"},
		{"adapters/kafkastore", "github.com/twmb/franz-go", "the protocol of Kafka, and in tests a broker in process"},

		{"infrastructure", "github.com/knadh/koanf", "configuration"},
		{"infrastructure", "github.com/redis/go-redis/v9", "Redis connections"},
		{"infrastructure", "github.com/alicebob/miniredis/v2", "Redis in process"},
		{"infrastructure", "github.com/prometheus", "metrics"},
		{"infrastructure", "github.com/KimMachineGun/automemlimit", "what a container may take"},

		{"cmd", "domain", "puts everything together"},
		{"cmd", "application", "puts everything together"},
		{"cmd", "ports", "puts everything together"},
		{"cmd", "adapters", "puts everything together"},
		{"cmd", "infrastructure", "puts everything together"},
		{"cmd", "github.com/google/wire", "writes down who needs whom"},

		{"idl", "github.com/cloudwego", "generated code stands on Kitex"},
		{"examples", "idl", "a client knows the wire contract and nothing else of ours"},
		{"examples", "github.com/cloudwego", "a client is a CloudWeGo service"},

		{anyTest, "github.com/stretchr/testify", "tests"},
		{anyTest, "pgregory.net/rapid", "properties"},
		{anyTest, "go.uber.org/goleak", "nothing is left running"},
	},
	Bans: []Ban{
		{"domain", "net", "the model does not know that there is a network"},
		{"domain", "os", "nor a machine"},
		{"domain", "log", "it returns what happened"},
		{"domain", "log/slog", "it returns what happened"},
		{"domain", "encoding/json", "how it is written down is a port's or an adapter's business"},
		{"domain", "database/sql", "so is where"},
	},
	Outdoors: []string{"docs", "deploy", "bin", "data"},
}

// anyTest stands for the tests, and the contract suites, of every room.
const anyTest = "tests"

// vague names say nothing of what is inside.
var vague = []string{"common", "util", "utils", "helper", "helpers", "types", "model", "models", "dto", "base", "misc",
	"shared", "impl"}
