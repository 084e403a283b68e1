package servers

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"
)

// account may do everything, from anywhere that reaches the loopback interface.
const account = "freshet"

// LaunchMySQL starts MariaDB or MySQL, whichever is installed, as durable as in production and with a full row log
// for change capture.
func LaunchMySQL(opts Options) (*Server, error) {
	bin, err := lookup("mariadbd", "mysqld")
	if err != nil {
		return nil, err
	}
	mariadb, err := isMariaDB(bin)
	if err != nil {
		return nil, err
	}
	who, err := daemonUser()
	if err != nil {
		return nil, err
	}
	return launch(func() (*Server, error) {
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		dir, err := tempDir(opts.Under, "mysql")
		if err != nil {
			return nil, err
		}
		if err := initialise(bin, dir, mariadb, who); err != nil {
			return nil, errors.Join(err, os.RemoveAll(dir))
		}
		s := &Server{
			name: filepath.Base(bin), bin: bin, dir: dir, addr: loopback(port),
			args:  append(daemonFlags(dir, port, mariadb, who), opts.Flags...),
			attrs: attributes(who, opts),
		}
		s.ready = func() error { return pingMySQL(s.DSN("")) }
		return s, nil
	})
}

// DSN names a database of a MySQL-protocol server in go-sql-driver's format; an empty one names none.
func (s *Server) DSN(database string) string {
	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd = account, account
	cfg.Net, cfg.Addr = "tcp", s.addr
	return dsn(cfg, database)
}

func dsn(cfg *mysql.Config, database string) string {
	cfg = cfg.Clone()
	cfg.DBName = database
	_ = cfg.Apply(mysql.Charset("utf8mb4", "")) // never fails
	return cfg.FormatDSN()
}

func isMariaDB(bin string) (bool, error) {
	out, err := exec.Command(bin, "--no-defaults", "--version").Output()
	if err != nil {
		return false, fmt.Errorf("%s --version: %w", bin, err)
	}
	return strings.Contains(string(out), "MariaDB"), nil
}

// daemonUser is who the server runs as: nil for whoever we are. It refuses to run as root, so root lends it a user.
func daemonUser() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("mysql")
	if errors.As(err, new(user.UnknownUserError)) {
		return nil, nil // daemonFlags insist
	}
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

func initialise(bin, dir string, mariadb bool, who *syscall.Credential) error {
	sql := fmt.Sprintf("CREATE USER IF NOT EXISTS '%[1]s'@'%%' IDENTIFIED BY '%[1]s';\nGRANT ALL ON *.* TO '%[1]s'@'%%' WITH GRANT OPTION;\n", account)
	if err := os.WriteFile(filepath.Join(dir, "init.sql"), []byte(sql), 0o644); err != nil {
		return err
	}
	if who != nil {
		if err := os.Chown(dir, int(who.Uid), int(who.Gid)); err != nil {
			return err
		}
	}
	data := "--datadir=" + filepath.Join(dir, "data")
	cmd := exec.Command(bin, "--no-defaults", "--initialize-insecure", data)
	if mariadb {
		installer, err := lookup("mariadb-install-db", "mysql_install_db")
		if err != nil {
			return err
		}
		cmd = exec.Command(installer, "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db",
			"--skip-name-resolve", "--innodb-log-file-size=16M", data)
	}
	if os.Getuid() == 0 && who == nil {
		cmd.Args = append(cmd.Args, "--user=root")
	}
	cmd.Dir, cmd.SysProcAttr = dir, attributes(who, Options{})
	cmd.Env = append(os.Environ(), "TMPDIR="+dir) // a server that starts removes all temporary tables from its folder for them
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd.Path, err, out)
	}
	return nil
}

func daemonFlags(dir string, port int, mariadb bool, who *syscall.Credential) []string {
	flags := []string{
		"--no-defaults",
		"--datadir=" + filepath.Join(dir, "data"), "--tmpdir=" + dir, "--socket=" + filepath.Join(dir, "s"), "--pid-file=" + filepath.Join(dir, "pid"),
		"--init-file=" + filepath.Join(dir, "init.sql"),
		"--bind-address=127.0.0.1", "--port=" + strconv.Itoa(port), "--skip-name-resolve", "--max-connections=500",
		"--character-set-server=utf8mb4",
		"--server-id=1", "--log-bin=binlog", "--binlog-format=ROW", "--binlog-row-image=FULL", "--binlog-row-metadata=FULL",
		"--sync-binlog=1", "--innodb-flush-log-at-trx-commit=1",
		"--performance-schema=OFF", "--innodb-buffer-pool-size=64M",
	}
	if mariadb {
		flags = append(flags, "--gtid-strict-mode=1", "--innodb-log-file-size=16M")
	} else {
		flags = append(flags, "--gtid-mode=ON", "--enforce-gtid-consistency=ON", "--mysqlx=OFF")
	}
	if os.Getuid() == 0 && who == nil {
		flags = append(flags, "--user=root")
	}
	return flags
}

func pingMySQL(dsn string) error {
	return withMySQL(dsn, func(ctx context.Context, db *sql.DB) error { return db.PingContext(ctx) })
}

// createDatabase makes a database nobody else has and returns its DSN.
func createDatabase(server string) (name, databaseDSN string, err error) {
	cfg, err := mysql.ParseDSN(server)
	if err != nil {
		return "", "", fmt.Errorf("server DSN: %w", err)
	}
	name = "freshet_test_" + strings.ToLower(rand.Text()[:12])
	err = withMySQL(dsn(cfg, ""), func(ctx context.Context, db *sql.DB) error {
		_, err := db.ExecContext(ctx, "CREATE DATABASE "+name+" CHARACTER SET utf8mb4")
		return err
	})
	if err != nil {
		return "", "", fmt.Errorf("create database %s: %w", name, err)
	}
	return name, dsn(cfg, name), nil
}

func dropDatabase(databaseDSN, name string) error {
	return withMySQL(databaseDSN, func(ctx context.Context, db *sql.DB) error {
		_, err := db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+name)
		return err
	})
}

func withMySQL(dsn string, do func(context.Context, *sql.DB) error) error {
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		return err
	}
	cfg.Logger = new(mysql.NopLogger) // half-open doors are what we expect here
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return do(ctx, db)
}
