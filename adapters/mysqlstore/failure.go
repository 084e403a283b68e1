package mysqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/go-sql-driver/mysql"
	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/fault"
)

var errUnavailable = fault.New(fault.Unavailable, "database_unavailable", "the database did not answer")

// failure turns what the driver or the network said into a fault the caller may act on. Faults pass
// as they are; what only a bug of ours explains stays as it is, to become internal.
func failure(ctx context.Context, err error) error {
	if err == nil || errors.As(err, new(*fault.Error)) {
		return err
	}
	if ctx.Err() != nil || cutShort(err) || collided(err) || unreachable(err) {
		return errUnavailable.Because(err)
	}
	return err
}

// errCollision makes write run again.
var errCollision = errors.New("another writer was faster")

// collided reports that the transaction was undone because of another, so that trying again may work.
func collided(err error) bool {
	if errors.Is(err, errCollision) || errors.Is(err, gorm.ErrDuplicatedKey) {
		return true
	}
	if e := new(mysql.MySQLError); errors.As(err, &e) {
		switch e.Number {
		case 1020, // MariaDB: record has changed since last read
			1205,                   // lock wait timeout
			1213,                   // deadlock
			1637,                   // too many active transactions
			3572,                   // lock not at once
			8002, 8005, 8022, 9007: // TiDB: write conflicts
			return true
		}
		return false
	}
	switch sqliteCode(err) & 0xff {
	case sqliteBusy, sqliteLocked:
		return true
	}
	return false
}

// unreachable reports that the database could not do now what it could do at another time.
func unreachable(err error) bool {
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.As(err, new(net.Error)) {
		return true
	}
	if errors.Is(err, sql.ErrTxDone) { // the context's end rolled it back
		return true
	}
	if e := new(mysql.MySQLError); errors.As(err, &e) {
		switch e.Number {
		case 1021, 1037, 1038, 1041, 1114, // out of disk or memory
			1040, 1129, 1203, 1226, // too many connections
			1053, 1077, 1079, 1080, // shutting down
			1152, 1158, 1159, 1160, 1161, // the network
			1290, 1792, 1836, // read-only for now
			1317, 1927, 3024, 3058, // interrupted
			9001, 9002, 9003, 9004, 9005: // TiDB's parts did not answer
			return true
		}
		return false
	}
	switch sqliteCode(err) & 0xff {
	case sqliteNoMemory, sqliteInterrupt, sqliteIO, sqliteFull, sqliteCantOpen, sqliteReadOnly:
		return true
	}
	return false
}

// The result codes of SQLite that are told apart; the low byte of an extended code is one of these.
const (
	sqliteBusy      = 5
	sqliteLocked    = 6
	sqliteNoMemory  = 7
	sqliteReadOnly  = 8
	sqliteInterrupt = 9
	sqliteIO        = 10
	sqliteFull      = 13
	sqliteCantOpen  = 14
)

func sqliteCode(err error) int {
	var e interface {
		error
		Code() int
	}
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}
