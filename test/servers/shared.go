package servers

import (
	"os"
	"strings"
	"testing"
)

// The environment by which a test run is told of the servers it may use.
const (
	EnvRedis          = "FRESHET_TEST_REDIS_ADDRS"         // comma-separated host:port
	EnvRedisCluster   = "FRESHET_TEST_REDIS_CLUSTER_ADDRS" // comma-separated host:port
	EnvMySQL          = "FRESHET_TEST_MYSQL_DSN"           // an account that may create databases
	EnvRequireServers = "FRESHET_TEST_REQUIRE_SERVERS"     // 1: a test whose server is missing fails
	EnvEmbeddedOnly   = "FRESHET_TEST_EMBEDDED_ONLY"       // 1: a test that needs any server is skipped
)

const skipEmbedded = EnvEmbeddedOnly + "=1: only what needs no server runs"

// RedisAddrs is a Redis that other tests use too.
func RedisAddrs(tb testing.TB) []string {
	tb.Helper()
	return strings.Split(lent(tb, EnvRedis), ",")
}

// RedisClusterAddrs is a Redis Cluster of three masters that other tests use too.
func RedisClusterAddrs(tb testing.TB) []string {
	tb.Helper()
	return strings.Split(lent(tb, EnvRedisCluster), ",")
}

// MySQLDatabase is the DSN of an empty database that no other test has. It is dropped when tb ends.
func MySQLDatabase(tb testing.TB) string {
	tb.Helper()
	name, dsn, err := createDatabase(lent(tb, EnvMySQL))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := dropDatabase(dsn, name); err != nil {
			tb.Errorf("drop %s: %v", name, err)
		}
	})
	return dsn
}

func lent(tb testing.TB, variable string) string {
	tb.Helper()
	value := os.Getenv(variable)
	switch {
	case embeddedOnly():
		tb.Skip(skipEmbedded)
	case value != "":
	case os.Getenv(EnvRequireServers) == "1":
		tb.Fatalf("%s is not set, and %s=1 wants it", variable, EnvRequireServers)
	default:
		tb.Skipf("%s is not set: `make test` brings the servers", variable)
	}
	return value
}
