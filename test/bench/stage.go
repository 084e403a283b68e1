package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	_ "github.com/go-sql-driver/mysql" // the driver by the name mysql

	"github.com/freshet/freshet/ports/cli/load"
	"github.com/freshet/freshet/test/servers"
)

// stage is what the measuring stands on: the binary, a Redis and a database server of its own, so that nobody else's work is in their figures.
type stage struct {
	dir    string
	binary string
	redis  *servers.Server
	sql    *servers.Server
	admin  *sql.DB // of the database server
}

// raise builds the binary, unless one is given, and starts the servers with these flags for the database.
func raise(ctx context.Context, binary string, flags ...string) (_ *stage, err error) {
	s := &stage{binary: binary}
	if s.dir, err = os.MkdirTemp("", "freshet-bench"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.binary == "" {
		s.binary = filepath.Join(s.dir, "freshet")
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", s.binary, "./cmd/freshet").CombinedOutput(); err != nil {
			return nil, fmt.Errorf("go build: %w\n%s", err, out)
		}
	}
	if s.redis, err = servers.LaunchRedis(servers.Options{Flags: []string{"--appendonly", "yes", "--appendfsync", "everysec"}}); err != nil {
		return nil, err
	}
	if s.sql, err = servers.LaunchMySQL(servers.Options{Flags: append([]string{"--innodb-buffer-pool-size=512M", "--innodb-log-file-size=256M"}, flags...)}); err != nil {
		return nil, err
	}
	s.admin, err = sql.Open("mysql", s.sql.DSN(""))
	return s, err
}

func (s *stage) close() error {
	var errs []error
	if s.admin != nil {
		errs = append(errs, s.admin.Close())
	}
	for _, server := range []*servers.Server{s.redis, s.sql} {
		if server != nil {
			errs = append(errs, server.Close())
		}
	}
	return errors.Join(append(errs, os.RemoveAll(s.dir))...)
}

// processes are the servers', by the names that reports have for them.
func (s *stage) processes() []load.Process {
	return []load.Process{{Name: "redis", PID: s.redis.PID()}, {Name: "sql", PID: s.sql.PID()}}
}

// house is one installation: a database, a prefix in Redis, and folders for its instances.
type house struct {
	*stage
	name string
	env  []string
}

// settle makes an empty installation.
func (s *stage) settle(ctx context.Context, name string) (*house, error) {
	if _, err := s.admin.ExecContext(ctx, "CREATE DATABASE "+name+" CHARACTER SET utf8mb4"); err != nil {
		return nil, err
	}
	return &house{stage: s, name: name, env: []string{
		"FRESHET_REDIS_ADDRS=" + s.redis.Addr(), "FRESHET_REDIS_PREFIX=" + name + ":", "FRESHET_MYSQL_DSN=" + s.sql.DSN(name), "FRESHET_LOG_LEVEL=warn",
	}}, nil
}

// empty takes the installation away.
func (h *house) empty(ctx context.Context) error {
	_, err := h.admin.ExecContext(ctx, "DROP DATABASE "+h.name)
	return err
}

// forget takes away what an import left to be told to instances that run. None does: one that starts reads the whole catalogue, and would
// then tell of every item for minutes.
func (h *house) forget(ctx context.Context) error {
	_, err := h.admin.ExecContext(ctx, "TRUNCATE TABLE "+h.name+".outbox")
	return err
}

// run runs a command of the binary to its end.
func (h *house) run(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, h.binary, args...)
	cmd.Env = append(append(os.Environ(), h.env...), "FRESHET_DATA_DIR="+filepath.Join(h.dir, h.name+"-commands"))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("freshet %s: %w\n%s", args[0], err, out[max(0, len(out)-2000):])
	}
	return nil
}
