package binlog

import (
	"context"
	"database/sql"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Reaches reports whether the server's log still goes back to the position.
func (l *Log) Reaches(ctx context.Context, position string) (bool, error) {
	s, err := l.server(ctx)
	if err != nil {
		return false, unavailable(err)
	}
	at, err := mysql.ParseGTIDSet(s.flavour, position)
	if err != nil {
		return false, nil // it was kept of a server of the other flavour
	}
	gone, err := s.gone(ctx, l.db)
	if err != nil {
		return false, unavailable(err)
	}
	before, err := mysql.ParseGTIDSet(s.flavour, gone)
	if err != nil {
		return false, unavailable(err)
	}
	return before.IsEmpty() || at.Contain(before), nil
}

// gone is what was committed before the oldest log that the server keeps.
func (s *server) gone(ctx context.Context, db *sql.DB) (gone string, err error) {
	if s.flavour != mysql.MariaDBFlavor {
		return gone, db.QueryRowContext(ctx, "SELECT @@GLOBAL.gtid_purged").Scan(&gone)
	}
	logs, err := db.QueryContext(ctx, "SHOW BINARY LOGS")
	if err != nil {
		return "", err
	}
	oldest := ""
	if err := each(logs, 2, func(cells []string) {
		if oldest == "" {
			oldest = cells[0]
		}
	}); err != nil || oldest == "" {
		return "", err
	}
	var at sql.NullString // none while the first log of a server is the oldest
	err = db.QueryRowContext(ctx, "SELECT BINLOG_GTID_POS(?, 4)", oldest).Scan(&at)
	return at.String, err
}
