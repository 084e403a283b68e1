package mysqlstore

import (
	"cmp"
	"errors"
	"time"
)

// Options say which database to open: exactly one of Path and DSN. Zero values mean the defaults.
type Options struct {
	Path     string   // a SQLite file, made if it is missing
	DSN      string   // of a MySQL-protocol server, in go-sql-driver's format
	Replicas []string // DSNs; reads that may lag a little go to these, and to DSN while they fail

	MaxOpen     int           // connections to each server, 32; of SQLite's readers, 8
	MaxIdle     int           // connections kept open, MaxOpen
	MaxLifetime time.Duration // of one connection, 30 min

	DialTimeout  time.Duration // 1 s
	ReadTimeout  time.Duration // of one packet, 5 s
	WriteTimeout time.Duration // of one packet, 5 s
	LockTimeout  time.Duration // how long a statement waits for a lock, 3 s; whole seconds
	Timeout      time.Duration // of one transaction or query whose caller set no deadline, 30 s
}

var errOptions = errors.New("a database is either a SQLite file or a server's DSN")

func (o Options) filled() (Options, error) {
	if (o.Path == "") == (o.DSN == "") {
		return o, errOptions
	}
	open := 32
	if o.Path != "" {
		open = 8
	}
	o.MaxOpen = cmp.Or(o.MaxOpen, open)
	o.MaxIdle = cmp.Or(o.MaxIdle, o.MaxOpen)
	o.MaxLifetime = cmp.Or(o.MaxLifetime, 30*time.Minute)
	o.DialTimeout = cmp.Or(o.DialTimeout, time.Second)
	o.ReadTimeout = cmp.Or(o.ReadTimeout, 5*time.Second)
	o.WriteTimeout = cmp.Or(o.WriteTimeout, 5*time.Second)
	o.LockTimeout = max(cmp.Or(o.LockTimeout, 3*time.Second), time.Second)
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	return o, nil
}
