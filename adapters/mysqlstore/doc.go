// Package mysqlstore keeps what must never be lost: items and their outbox, viewers' decisions, the
// event log and the counts that follow from it, served pages, trained models, and secrets. The same code runs over
// MySQL, MariaDB and TiDB, and over a SQLite file for the embedded default.
//
// Start at open.go; transact.go says how everything reads and writes; each port is a file.
package mysqlstore
