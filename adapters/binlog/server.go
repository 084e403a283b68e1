package binlog

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Unfit says why a server's log cannot be followed, one sentence a reason.
type Unfit struct{ Reasons []string }

func (u *Unfit) Error() string {
	return "the binary log cannot be followed: " + strings.Join(u.Reasons, "; ")
}

// server is what a server says of itself and of our account.
type server struct {
	flavour   string
	variables map[string]string
	grants    []string
}

var asked = []string{"log_bin", "binlog_format", "binlog_row_image", "binlog_row_metadata", "gtid_mode", "server_id", "version"}

func (l *Log) server(ctx context.Context) (*server, error) {
	s := &server{variables: map[string]string{}, flavour: mysql.MySQLFlavor}
	pairs, err := l.db.QueryContext(ctx, "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('"+strings.Join(asked, "','")+"')")
	if err != nil {
		return nil, err
	}
	if err := each(pairs, 2, func(cells []string) { s.variables[strings.ToLower(cells[0])] = cells[1] }); err != nil {
		return nil, err
	}
	if strings.Contains(s.variables["version"], "MariaDB") {
		s.flavour = mysql.MariaDBFlavor
	}
	grants, err := l.db.QueryContext(ctx, "SHOW GRANTS FOR CURRENT_USER()")
	if err != nil {
		return nil, err
	}
	return s, each(grants, 1, func(cells []string) { s.grants = append(s.grants, cells[0]) })
}

func each(rows *sql.Rows, columns int, do func([]string)) error {
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		cells, into := make([]string, columns), make([]any, columns)
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		do(cells)
	}
	return rows.Err()
}

// Check fails with Unfit where the server's settings or the account's privileges do not do.
func (l *Log) Check(ctx context.Context) error {
	s, err := l.server(ctx)
	if err != nil {
		return unavailable(err)
	}
	if wrong := s.problems(l.serverID); len(wrong) > 0 {
		return &Unfit{wrong}
	}
	return nil
}

func (s *server) newest(ctx context.Context, db *sql.DB) (string, error) {
	query := "SELECT @@GLOBAL.gtid_executed"
	if s.flavour == mysql.MariaDBFlavor {
		query = "SELECT @@GLOBAL.gtid_binlog_pos"
	}
	var at string
	err := db.QueryRowContext(ctx, query).Scan(&at)
	return strings.ReplaceAll(at, "\n", ""), unavailable(err)
}

// problems names what is in the way.
func (s *server) problems(serverID uint32) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	want := func(name, value, why string) {
		switch is, known := s.variables[name]; {
		case !known:
			say("this server has no setting %s: MariaDB 10.5 and MySQL 8.0.1 are the first that will do", name)
		case !strings.EqualFold(is, value):
			say("%s is %s, and has to be %s%s", name, is, value, why)
		}
	}
	want("log_bin", "ON", "")
	want("binlog_format", "ROW", "")
	want("binlog_row_image", "FULL", "")
	want("binlog_row_metadata", "FULL", ", so that rows name their columns")
	if s.flavour == mysql.MySQLFlavor {
		want("gtid_mode", "ON", "")
	}
	if s.variables["server_id"] == strconv.FormatUint(uint64(serverID), 10) {
		say("relay.server_id is %d, which is the server's own", serverID)
	}
	for _, privilege := range missing(s.grants) {
		say("the account lacks the privilege %s: GRANT %s ON *.* TO it", privilege, privilege)
	}
	return wrong
}

var global = regexp.MustCompile(`(?i)^GRANT (.+) ON \*\.\* TO `)

// missing are the privileges that no grant names. With a role among the grants nothing is known to be missing: what it
// brings is not said.
func missing(grants []string) []string {
	has := map[string]bool{}
	for _, grant := range grants {
		m := global.FindStringSubmatch(grant)
		if m == nil {
			if !strings.Contains(strings.ToUpper(grant), " ON ") && !strings.Contains(strings.ToUpper(grant), "DEFAULT ROLE") {
				return nil
			}
			continue
		}
		for _, privilege := range strings.Split(m[1], ",") {
			has[strings.ToUpper(strings.TrimSpace(privilege))] = true
		}
	}
	var lacking []string
	for _, one := range []struct{ name, also string }{
		{"REPLICATION SLAVE", ""},
		{"REPLICATION CLIENT", "BINLOG MONITOR"}, // as MariaDB calls it
	} {
		if !has["ALL PRIVILEGES"] && !has["ALL"] && !has[one.name] && (one.also == "" || !has[one.also]) {
			lacking = append(lacking, one.name)
		}
	}
	return lacking
}
