// Package servers gives tests real Redis and MySQL-protocol servers.
//
// Two ways, for two needs:
//
//   - StartRedis, StartRedisCluster and StartMySQL start servers of the test's own, to kill, pause and
//     restart at will.
//   - RedisAddrs, RedisClusterAddrs and MySQLDatabase lend the servers that `make test` brought up for the
//     whole run. Other tests use them at the same time: keep to keys of your own and never flush.
//
// Launch* is the same without a test around it, for commands.
package servers
