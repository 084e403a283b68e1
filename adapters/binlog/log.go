package binlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"
	driver "github.com/go-sql-driver/mysql"

	"github.com/freshet/freshet/application/capturing"
	"github.com/freshet/freshet/domain/fault"
)

// How long the server may take: to accept a connection, and to say anything. It says at least that it lives.
const (
	dialTimeout = 3 * time.Second
	readTimeout = 5 * time.Second
	heartbeat   = time.Second
)

var errUnavailable = fault.New(fault.Unavailable, "binlog_unavailable", "the database's log cannot be read now")

// Options say whose log to read. Zero values mean the defaults.
type Options struct {
	DSN string // in go-sql-driver's format; it names the database whose tables are followed
	// ServerID is who we are among the server's replicas: two with one id cut each other off. 0: one that follows from
	// the database's name.
	ServerID uint32
	Log      *slog.Logger // hears of tables and statements that are passed over; nil: nobody does
}

// Log is the capturing.Log of one server. Its owner closes it.
type Log struct {
	opts     Options
	cfg      *driver.Config
	db       *sql.DB
	log      *slog.Logger
	serverID uint32
}

// New connects to nothing yet.
func New(opts Options) (*Log, error) {
	cfg, err := driver.ParseDSN(opts.DSN)
	if err != nil {
		return nil, fmt.Errorf("database DSN: %w", err)
	}
	if cfg.DBName == "" {
		return nil, errors.New("database DSN: it names no database")
	}
	cfg.Timeout, cfg.ReadTimeout, cfg.WriteTimeout = dialTimeout, readTimeout, readTimeout
	cfg.Logger = new(driver.NopLogger) // what it says is in the errors
	cfg.InterpolateParams = true
	connector, err := driver.NewConnector(cfg)
	if err != nil {
		return nil, fmt.Errorf("database DSN: %w", err)
	}
	l := &Log{opts: opts, cfg: cfg, db: sql.OpenDB(connector), log: opts.Log, serverID: opts.ServerID}
	l.db.SetMaxOpenConns(2)
	l.db.SetConnMaxIdleTime(time.Minute)
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if l.serverID == 0 {
		l.serverID = serverIDOf(cfg.DBName)
	}
	return l, nil
}

// serverIDOf is above the ids that people give to servers.
func serverIDOf(database string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte("freshet " + database))
	return 1<<31 | h.Sum32()
}

// Close ends what Tails do not.
func (l *Log) Close() error { return l.db.Close() }

// Newest implements capturing.Log.
func (l *Log) Newest(ctx context.Context) (string, error) {
	server, err := l.server(ctx)
	if err != nil {
		return "", unavailable(err)
	}
	return server.newest(ctx, l.db)
}

// Open implements capturing.Log.
func (l *Log) Open(ctx context.Context, position string) (capturing.Tail, error) {
	server, err := l.server(ctx)
	if err != nil {
		return nil, unavailable(err)
	}
	if wrong := server.problems(l.serverID); len(wrong) > 0 {
		return nil, errUnavailable.Because(&Unfit{wrong})
	}
	at, err := mysql.ParseGTIDSet(server.flavour, position)
	if err != nil {
		return nil, capturing.ErrGone.Because(err) // it was kept of a server of the other flavour
	}
	door := &door{network: l.cfg.Net, addr: l.cfg.Addr}
	cfg := replication.BinlogSyncerConfig{
		ServerID: l.serverID, Flavor: server.flavour, User: l.cfg.User, Password: l.cfg.Passwd, TLSConfig: l.cfg.TLS,
		HeartbeatPeriod: heartbeat, ReadTimeout: readTimeout, DisableRetrySync: true, DiscardGTIDSet: true,
		Dialer: door.open, EventCacheCount: 256, PayloadDecoderConcurrency: 1,
		Logger:              slog.New(slog.DiscardHandler),
		RowsEventDecodeFunc: l.decode,
	}
	if cfg.Host, cfg.Port, err = hostPort(l.cfg); err != nil {
		return nil, err
	}
	syncer := replication.NewBinlogSyncer(cfg)
	stream, err := syncer.StartSyncGTID(at.Clone())
	if err != nil {
		door.shut()
		syncer.Close()
		return nil, refusal(err)
	}
	return &tail{log: l, syncer: syncer, door: door, stream: stream, gather: newGathering(l.cfg.DBName, at, l.log)}, nil
}

// hostPort is what the library wants to know of an address; our dialer goes by the DSN.
func hostPort(cfg *driver.Config) (string, uint16, error) {
	if cfg.Net != "tcp" {
		return cfg.Addr, 0, nil
	}
	host, port, err := net.SplitHostPort(cfg.Addr)
	if err != nil {
		return "", 0, fmt.Errorf("database DSN: %w", err)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return "", 0, fmt.Errorf("database DSN: %w", err)
	}
	return host, uint16(n), nil
}

// decode leaves rows of tables that are not followed as they are.
func (l *Log) decode(e *replication.RowsEvent, data []byte) error {
	at, err := e.DecodeHeader(data)
	if err != nil || !followed(l.cfg.DBName, e.Table) {
		return err
	}
	return e.DecodeData(at, data)
}

// refusal tells a position that the server cannot serve from what may pass.
func refusal(err error) error {
	var said *mysql.MyError
	if !errors.As(err, &said) {
		return unavailable(err)
	}
	switch said.Code {
	case 1236:
		// A replica of the same id took our place, or the position is not in the log any more.
		if strings.Contains(said.Message, "same server_") {
			return unavailable(err)
		}
		return capturing.ErrGone.Because(err)
	case 1945, 1951, 1955: // MariaDB: not in the log, in a hole of it
		return capturing.ErrGone.Because(err)
	}
	return unavailable(err)
}

func unavailable(err error) error {
	if err == nil || errors.As(err, new(*fault.Error)) {
		return err
	}
	return errUnavailable.Because(err)
}

// Sequence is the last number in a position, 0 where there is none: it grows while reading goes on.
func Sequence(position string) (n uint64) {
	at := len(position)
	for at > 0 && position[at-1] >= '0' && position[at-1] <= '9' {
		at--
	}
	n, _ = strconv.ParseUint(position[at:], 10, 64)
	return n
}
