package config

import (
	_ "embed"
	"time"
)

//go:embed defaults.yaml
var defaults []byte

// Defaults returns every key with its default and what it means, as YAML.
func Defaults() []byte { return append([]byte(nil), defaults...) }

// Config is all that is set. It is as Load left it: whole, in range, and not to be changed.
type Config struct {
	HTTP        HTTP               `key:"http"`
	Admin       Listener           `key:"admin"`
	RPC         Listener           `key:"rpc"`
	Access      Access             `key:"access"`
	DataDir     string             `key:"data_dir"` // never empty after Load
	Redis       Redis              `key:"redis"`
	MySQL       MySQL              `key:"mysql"`
	Relay       Relay              `key:"relay"`
	Cache       Cache              `key:"cache"`
	Log         Log                `key:"log"`
	Memory      Memory             `key:"memory"`
	Index       Index              `key:"index"`
	Serving     Serving            `key:"serving"`
	EventLog    EventLog           `key:"event_log"`
	Retention   Retention          `key:"retention"`
	Shadow      Shadow             `key:"shadow"`
	Tuning      Tuning             `key:"tuning"`
	Events      map[string]float64 `key:"events" words:"events" min:"-1000" max:"1000"`
	Rest        Rest               `key:"rest"`
	Feeds       map[string]Feed    `key:"feeds" names:"feeds"`
	Experiments []Experiment       `key:"experiments"`
	Learning    Learning           `key:"learning"`
	Training    Training           `key:"training"`
	Notify      Notify             `key:"notify"`
}

// HTTP is the public plane.
type HTTP struct {
	Addr        string        `key:"addr" form:"address"`
	ReadTimeout time.Duration `key:"read_timeout" min:"1ms" max:"1h"`
	MaxBody     int           `key:"max_body" min:"1024" max:"1073741824"` // bytes
	DrainNotice time.Duration `key:"drain_notice" min:"0s" max:"5m"`
}

// Listener is where something listens.
type Listener struct {
	Addr string `key:"addr" form:"address"`
}

// Access is who may call.
type Access struct {
	Mode           string        `key:"mode" one:"auto open required"`
	StrangerPrefix string        `key:"stranger_prefix"`
	Tokens         Tokens        `key:"tokens"`
	Introspection  Introspection `key:"introspection"`
}

// Tokens are those that say by themselves whom they name.
type Tokens struct {
	Secret       string        `key:"secret" form:"secret" secret:"word"`
	PublicKeys   []string      `key:"public_keys"` // files
	KeySets      []string      `key:"key_sets" form:"url"`
	KeySetsEvery time.Duration `key:"key_sets_every" min:"1s" max:"24h"`
	Issuer       string        `key:"issuer"`
	Audience     string        `key:"audience"`
	ViewerClaim  string        `key:"viewer_claim"`
	Leeway       time.Duration `key:"leeway" min:"0s" max:"10m"`
}

// Introspection is whom to ask about other tokens; without a URL nobody.
type Introspection struct {
	URL          string        `key:"url" form:"url"`
	ClientID     string        `key:"client_id"`
	ClientSecret string        `key:"client_secret" secret:"word"`
	Patience     time.Duration `key:"patience" min:"1ms" max:"30s"`
	AtOnce       int           `key:"at_once" min:"1" max:"10000"`
	Remembered   int           `key:"remembered" min:"1" max:"10000000"` // tokens
	Life         time.Duration `key:"life" min:"1s" max:"1h"`
	WrongLife    time.Duration `key:"wrong_life" min:"1s" max:"1h"`
}

// Redis is the fast shared store; without Addrs it is embedded.
type Redis struct {
	Addrs            []string `key:"addrs" form:"address"`
	Cluster          bool     `key:"cluster"`
	MasterName       string   `key:"master_name"`
	Username         string   `key:"username"`
	Password         string   `key:"password" secret:"word"`
	SentinelUsername string   `key:"sentinel_username"`
	SentinelPassword string   `key:"sentinel_password" secret:"word"`
	TLS              bool     `key:"tls"`
	DB               int      `key:"db" min:"0" max:"1000"`
	Prefix           string   `key:"prefix" form:"prefix"`
	PoolSize         int      `key:"pool_size" min:"0" max:"10000"` // 0: the driver's default
}

// MySQL is the durable store; without a DSN it is embedded.
type MySQL struct {
	DSN         string        `key:"dsn" secret:"dsn"`
	Replicas    []string      `key:"replicas" secret:"dsn"`
	MaxOpen     int           `key:"max_open" min:"0" max:"10000"` // 0: the store's default
	MaxIdle     int           `key:"max_idle" min:"0" max:"10000"` // 0: the store's default
	MaxLifetime time.Duration `key:"max_lifetime" min:"1s" max:"24h"`
}

// Relay is how changes of items come from the durable store to every instance.
type Relay struct {
	Source   string `key:"source" one:"outbox binlog"`
	ServerID int    `key:"server_id" min:"0" max:"4294967295"` // 0: one that follows from the database's name
}

// Cache is copies that answer reads of items and of viewers' decisions before SQL does.
type Cache struct {
	Use        string        `key:"use" one:"servers always never"`
	LocalBytes int           `key:"local_bytes" min:"1048576" max:"68719476736"`
	Life       time.Duration `key:"life" min:"1s" max:"24h"`
	Missing    time.Duration `key:"missing" min:"1s" max:"24h"`
	KnownIDs   int           `key:"known_ids" min:"100000" max:"1000000000"`
}

// Log is what the process says.
type Log struct {
	Level  string `key:"level" one:"debug info warn error"`
	Format string `key:"format" one:"json console"`
}

// Memory is how much garbage may lie in memory, in bytes.
type Memory struct {
	SpareLeast int `key:"spare_least" min:"1048576" max:"1099511627776"`
	SpareMost  int `key:"spare_most" min:"1048576" max:"1099511627776"`
}

// Index is the catalogue in memory, and what is kept of it on disk.
type Index struct {
	SnapshotEvery time.Duration `key:"snapshot_every" min:"0s" max:"24h"` // 0: never, and none is read
	SnapshotBytes int           `key:"snapshot_bytes" min:"1048576" max:"1099511627776"`
}

// Serving is how pages are served.
type Serving struct {
	SessionLife   time.Duration `key:"session_life" min:"1m" max:"168h"`
	StorePatience time.Duration `key:"store_patience" min:"1ms" max:"10s"`
	StorePause    time.Duration `key:"store_pause" min:"0s" max:"1m"`
	PageTime      time.Duration `key:"page_time" min:"10ms" max:"1m"`
	CursorSecret  string        `key:"cursor_secret" form:"secret" secret:"word"` // empty: draw one and keep it
}

// EventLog is how events are stored.
type EventLog struct {
	WaitingEvents int           `key:"waiting_events" min:"10000" max:"1000000"` // no less than the events of one request
	Patience      time.Duration `key:"patience" min:"10ms" max:"1m"`
	GroupEvents   int           `key:"group_events" min:"1" max:"100000"`
	Kafka         Kafka         `key:"kafka"`
}

// Kafka takes events in before they are stored; without Brokers the durable store does that itself.
type Kafka struct {
	Brokers       []string `key:"brokers" form:"address"`
	Topic         string   `key:"topic"`
	TLS           bool     `key:"tls"`
	Mechanism     string   `key:"mechanism" one:"plain scram-sha-256 scram-sha-512"`
	Username      string   `key:"username"`
	Password      string   `key:"password" secret:"word"`
	Replicas      int      `key:"replicas" min:"0" max:"100"` // 0: as many as brokers do by themselves
	RememberedIDs int      `key:"remembered_ids" min:"10000" max:"10000000"`
}

// Retention is for how long what grows is kept; 0: for ever.
type Retention struct {
	Events time.Duration `key:"events" min:"0s" max:"87600h"`
	Pages  time.Duration `key:"pages" min:"0s" max:"87600h"`
}

// Shadow is traffic that is kept apart, for load tests.
type Shadow struct {
	Enabled   bool          `key:"enabled"`
	Retention time.Duration `key:"retention" min:"1m" max:"720h"`
}

// Tuning is whether viewers may steer.
type Tuning struct {
	Enabled bool `key:"enabled"`
}

// Rest is for how long an item stays away from a viewer who met it.
type Rest struct {
	Served   time.Duration `key:"served" min:"0s" max:"8760h"`
	Seen     time.Duration `key:"seen" min:"0s" max:"8760h"`
	Consumed time.Duration `key:"consumed" min:"0s" max:"8760h"`
}

// Feed is one feed; Rest is its own where it has one, else everybody's.
type Feed struct {
	Sources []Source           `key:"sources"`
	Weights map[string]float64 `key:"weights" words:"weights" min:"-1000" max:"1000"`
	Actions map[string]float64 `key:"actions" words:"actions" min:"-1000" max:"1000"`
	Learned []string           `key:"learned" form:"name"`
	Order   string             `key:"order" one:"value newest"`
	Supply  string             `key:"supply" one:"catalogue sources"`
	Arrange Arrange            `key:"arrange"`
	Pins    []Pin              `key:"pins"`
	Slots   []Slot             `key:"slots"`
	Explore Explore            `key:"explore"`
	Rest    Rest               `key:"rest"`

	RegretHalf time.Duration `key:"regret_half" min:"0s" max:"8760h"`
}

// Source is who proposes, and how many at most.
type Source struct {
	Name  string `key:"name" form:"name"`
	Limit int    `key:"limit" min:"1" max:"2000"`
}

// Arrange is the rules of variety.
type Arrange struct {
	AuthorShare   float64       `key:"author_share" above:"0" max:"1"`
	TagShare      float64       `key:"tag_share" above:"0" max:"1"`
	AuthorFatigue float64       `key:"author_fatigue" min:"0" max:"100"`
	TagFatigue    float64       `key:"tag_fatigue" min:"0" max:"100"`
	FatigueHalf   time.Duration `key:"fatigue_half" min:"1s" max:"8760h"`
}

// Pin gives an item a place; a moment that is zero is not set.
type Pin struct {
	Item     string    `key:"item"`
	Position int       `key:"position" min:"1" max:"100"`
	Pages    string    `key:"pages" one:"first every"`
	From     time.Time `key:"from"`
	Until    time.Time `key:"until"`
	Lang     string    `key:"lang"`
	Region   string    `key:"region"`
}

// Slot keeps places for a source; Every 0 is one place.
type Slot struct {
	Source string `key:"source" form:"name"`
	From   int    `key:"from" min:"1" max:"100"`
	Every  int    `key:"every" min:"0" max:"100"`
}

// Explore is the budget for what few have met.
type Explore struct {
	Share        float64 `key:"share" min:"0" max:"1"`
	Met          float64 `key:"met" min:"0" max:"1000000"`
	SmallAuthors float64 `key:"small_authors" min:"0" max:"1"`
	AuthorMet    float64 `key:"author_met" min:"0" max:"1000000"`
}

// Experiment deals viewers to its variants.
type Experiment struct {
	Name     string    `key:"name" form:"name"`
	Salt     string    `key:"salt"`
	Variants []Variant `key:"variants"`
}

// Variant says which feed is served in the place of which to its share of viewers, in ten-thousandths.
type Variant struct {
	Name  string            `key:"name" form:"name"`
	Share int               `key:"share" min:"0" max:"10000"`
	Feeds map[string]string `key:"feeds" names:"feeds" form:"name"`
}

// Learning is how instances learn from events as they come.
type Learning struct {
	UnknownItems  string `key:"unknown_items" one:"wait drop"`
	WaitingEvents int    `key:"waiting_events" min:"1" max:"1000000"`
}

// Training is how the long-term model is made, and when by itself.
type Training struct {
	Schedule    string        `key:"schedule" one:"embedded always never"`
	Every       time.Duration `key:"every" min:"1s" max:"8760h"`
	LeastEvents int           `key:"least_events" min:"1" max:"1000000000"`
	Items       int           `key:"items" min:"2" max:"10000"`
	Viewers     int           `key:"viewers" min:"2" max:"2000000"`
	Examples    int           `key:"examples" min:"0" max:"1000000000"`
	Lambda      float64       `key:"lambda" above:"0" max:"1000000"`
	Tolerance   float64       `key:"tolerance" min:"0" max:"1"`
}

// Notify is who is told after events, and of whom.
type Notify struct {
	URL         string        `key:"url" form:"url" secret:"word"` // empty: nobody; it may hold a password
	Secret      string        `key:"secret" form:"secret" secret:"word"`
	Refresh     bool          `key:"refresh"`
	ViewerActs  []string      `key:"viewer_acts" form:"name"`
	AuthorActs  []string      `key:"author_acts" form:"name"`
	Window      time.Duration `key:"window" min:"10ms" max:"1h"`
	Current     time.Duration `key:"current" min:"0s" max:"1m"`
	Timeout     time.Duration `key:"timeout" min:"10ms" max:"20s"`
	Backoff     time.Duration `key:"backoff" min:"100ms" max:"1h"`
	Concurrency int           `key:"concurrency" min:"1" max:"1000"`
}
