package databases

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/test/servers"
)

// MySQL is the DSN of a database of tb's own, on the server that servers.MySQLDatabase lends.
func MySQL(tb testing.TB) string {
	tb.Helper()
	dsn := servers.MySQLDatabase(tb)
	if err := furnish(dsn); err != nil {
		tb.Fatal(err)
	}
	return dsn
}

// schema is the script that makes a database like the first, once there is a first.
var schema struct {
	sync.Mutex
	script string
}

func furnish(dsn string) error {
	script, made, err := theSchema(dsn)
	if err != nil || made {
		return err
	}
	return on(dsn, func(ctx context.Context, conn *sql.Conn) error {
		_, err := conn.ExecContext(ctx, script)
		return err
	})
}

// theSchema is the script, made from this database where there is none yet.
func theSchema(dsn string) (script string, made bool, err error) {
	schema.Lock()
	defer schema.Unlock()
	if schema.script != "" {
		return schema.script, false, nil
	}
	if err := migrate(mysqlstore.Options{DSN: dsn}); err != nil {
		return "", false, err
	}
	err = on(dsn, func(ctx context.Context, conn *sql.Conn) error {
		schema.script, err = dump(ctx, conn)
		return err
	})
	return "", true, err
}

// dump writes down the tables, and the few rows that migrations put into them.
func dump(ctx context.Context, conn *sql.Conn) (string, error) {
	tables, err := column(ctx, conn, "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()", 0)
	if err != nil {
		return "", err
	}
	var script strings.Builder
	for _, table := range tables {
		creation, err := column(ctx, conn, "SHOW CREATE TABLE `"+table+"`", 1)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&script, "%s;\n", creation[0])
		names, err := column(ctx, conn, "SHOW COLUMNS FROM `"+table+"`", 0)
		if err != nil {
			return "", err
		}
		rows, err := column(ctx, conn, "SELECT CONCAT_WS(',', QUOTE(`"+strings.Join(names, "`), QUOTE(`")+"`)) FROM `"+table+"`", 0)
		if err != nil {
			return "", err
		}
		if len(rows) > 0 {
			fmt.Fprintf(&script, "INSERT INTO `%s` VALUES (%s);\n", table, strings.Join(rows, "),("))
		}
	}
	return script.String(), nil
}

// column is the nth column of what the query answers.
func column(ctx context.Context, conn *sql.Conn, query string, nth int) (all []string, err error) {
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values := make([]any, len(names))
	for i := range values {
		values[i] = new(sql.RawBytes)
	}
	for rows.Next() {
		if err := rows.Scan(values...); err != nil {
			return nil, err
		}
		all = append(all, string(*values[nth].(*sql.RawBytes)))
	}
	return all, rows.Err()
}

// on runs do on one connection that takes several statements at once.
func on(dsn string, do func(context.Context, *sql.Conn) error) error {
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		return err
	}
	cfg.MultiStatements = true
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return err
	}
	pool := sql.OpenDB(connector)
	defer func() { _ = pool.Close() }()
	ctx := context.Background()
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return do(ctx, conn)
}
