package binlog

import (
	"errors"
	"testing"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/capturing"
	"github.com/freshet/freshet/domain/fault"
)

func fit(change map[string]string) *server {
	s := &server{flavour: mysql.MariaDBFlavor, grants: []string{"GRANT ALL PRIVILEGES ON *.* TO `f`@`%`"}, variables: map[string]string{
		"log_bin": "ON", "binlog_format": "ROW", "binlog_row_image": "FULL", "binlog_row_metadata": "FULL", "server_id": "1",
	}}
	for name, value := range change {
		s.variables[name] = value
		if value == "" {
			delete(s.variables, name)
		}
	}
	return s
}

func TestWhatIsInTheWayIsNamed(t *testing.T) {
	require.Empty(t, fit(nil).problems(2))
	for _, c := range []struct {
		name  string
		of    map[string]string
		says  string
		other string
	}{
		{"no log", map[string]string{"log_bin": "OFF"}, "log_bin is OFF, and has to be ON", ""},
		{"statements", map[string]string{"binlog_format": "MIXED"}, "binlog_format is MIXED, and has to be ROW", ""},
		{"parts of rows", map[string]string{"binlog_row_image": "MINIMAL"}, "binlog_row_image is MINIMAL, and has to be FULL", ""},
		{"nameless columns", map[string]string{"binlog_row_metadata": "NO_LOG"}, "binlog_row_metadata is NO_LOG, and has to be FULL, so that rows name their columns", ""},
		{"an old server", map[string]string{"binlog_row_metadata": ""}, "this server has no setting binlog_row_metadata: MariaDB 10.5 and MySQL 8.0.1 are the first that will do", ""},
		{"the server's own id", map[string]string{"server_id": "2"}, "relay.server_id is 2, which is the server's own", ""},
	} {
		require.Equal(t, []string{c.says}, fit(c.of).problems(2), c.name)
	}
	s := fit(map[string]string{"gtid_mode": "OFF"})
	require.Empty(t, s.problems(2), "MariaDB always has GTIDs")
	s.flavour = mysql.MySQLFlavor
	require.Equal(t, []string{"gtid_mode is OFF, and has to be ON"}, s.problems(2))
	s.grants = []string{"GRANT USAGE ON *.* TO `f`@`%`"}
	require.Len(t, s.problems(2), 3)
}

func TestPrivilegesAreFoundAmongGrants(t *testing.T) {
	both := []string{"REPLICATION SLAVE", "REPLICATION CLIENT"}
	for _, c := range []struct {
		name   string
		grants []string
		lack   []string
	}{
		{"none", nil, both},
		{"on the database alone", []string{"GRANT USAGE ON *.* TO `f`@`%` IDENTIFIED BY PASSWORD '*A'", "GRANT ALL PRIVILEGES ON `f`.* TO `f`@`%`"}, both},
		{"all", []string{"GRANT ALL PRIVILEGES ON *.* TO `f`@`%` WITH GRANT OPTION"}, nil},
		{"MySQL's names", []string{"GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO `f`@`%`"}, nil},
		{"MariaDB's names", []string{"GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO `f`@`%`"}, nil},
		{"one of them", []string{"GRANT REPLICATION SLAVE ON *.* TO `f`@`%`"}, both[1:]},
		{"the other", []string{"GRANT BINLOG MONITOR ON *.* TO `f`@`%`"}, both[:1]},
		{"something like it", []string{"GRANT REPLICATION SLAVE ADMIN ON *.* TO `f`@`%`"}, both},
		{"a role may bring them", []string{"GRANT `reader` TO `f`@`%`", "GRANT USAGE ON *.* TO `f`@`%`"}, nil},
		{"a default role says nothing more", []string{"GRANT USAGE ON *.* TO `f`@`%`", "SET DEFAULT ROLE `reader` FOR `f`@`%`"}, both},
	} {
		require.Equal(t, c.lack, missing(c.grants), c.name)
	}
}

func TestOnlyAPositionThatIsGoneIsGone(t *testing.T) {
	said := func(code uint16, message string) error { return &mysql.MyError{Code: code, Message: message} }
	for _, c := range []struct {
		name string
		err  error
		gone bool
	}{
		{"purged, MySQL", said(1236, "Cannot replicate because the source purged required binary logs"), true},
		{"purged, MariaDB", said(1236, "Could not find GTID state requested by slave in any binlog files"), true},
		{"not of this server", said(1955, "requested to start from GTID 0-1-7, which is not in the master's binlog"), true},
		{"another reader of our id", said(1236, "A replica with the same server_uuid/server_id as this replica has connected to the source"), false},
		{"a lost connection", mysql.ErrBadConn, false},
		{"no privilege", said(1227, "Access denied"), false},
	} {
		err := refusal(c.err)
		require.Equal(t, c.gone, errors.Is(err, capturing.ErrGone), c.name)
		require.Equal(t, !c.gone, fault.Is(err, fault.Unavailable), c.name)
	}
}

func TestStatementsAreToldApart(t *testing.T) {
	for statement, want := range map[string]bool{
		"UPDATE items SET state = 2":               true,
		"/* by hand */ DELETE FROM `f`.`ties`":     true,
		"TRUNCATE TABLE items":                     true,
		"insert into decisions values (1)":         true,
		"DROP TABLE `items` /* generated */":       true,
		"CREATE OR REPLACE TABLE items (id INT)":   true,
		"RENAME TABLE items TO old":                true,
		"CREATE TABLE items (id INT)":              false,
		"ALTER TABLE items ADD COLUMN remark TEXT": false,
		"UPDATE notes SET items_left = 2":          false,
		"TRUNCATE TABLE notes":                     false,
		"CREATE INDEX i ON items (state)":          false,
	} {
		require.Equal(t, want, hides(statement), statement)
	}
	require.Equal(t, "ALTER TABLE items", shorten("ALTER  TABLE\nitems ADD COLUMN remark VARCHAR(9) DEFAULT 'secret'"))
	require.Equal(t, "TRUNCATE", shorten("TRUNCATE"))
}

func TestServersHaveIdsOfTheirOwn(t *testing.T) {
	a, b := serverIDOf("freshet"), serverIDOf("freshet_test")
	require.NotEqual(t, a, b)
	require.Greater(t, min(a, b), uint32(1<<31-1))
	require.Equal(t, a, serverIDOf("freshet"))
}

func TestPositionsEndInANumber(t *testing.T) {
	for position, want := range map[string]uint64{"": 0, "0-1-57": 57, "0-1-5,1-1-6": 6, "3E11FA47-71CA-11E1-9E33-C80AA9429562:1-23": 23, "x": 0} {
		require.Equal(t, want, Sequence(position), position)
	}
}
