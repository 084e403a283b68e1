package e2e

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	_ "github.com/go-sql-driver/mysql"
	"github.com/libtnb/sqlite"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// stores are looked into behind the service's back: each tells where it holds a text, and nothing is left out.
type stores map[string]func(t *testing.T, text string) []string

// traces says where the text is held, store by store.
func (s stores) traces(t *testing.T, text string) (all []string) {
	t.Helper()
	for name, search := range s {
		for _, where := range search(t, text) {
			all = append(all, name+": "+where)
		}
	}
	slices.Sort(all)
	return all
}

// holding names the stores that hold the text.
func (s stores) holding(t *testing.T, text string) (names []string) {
	t.Helper()
	for name, search := range s {
		if len(search(t, text)) > 0 {
			names = append(names, name)
		}
	}
	return names
}

func isRedis(store string) bool { return strings.HasPrefix(store, "redis") }

// inProcess is the embedded Redis, which ends with its process.
const inProcess = "redis in the process"

func sqliteOf(t *testing.T, path string) func(*testing.T, string) []string {
	db, err := sql.Open(sqlite.DriverName, "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=query_only(1)")
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return tables(db, "SELECT name FROM sqlite_master WHERE type = 'table'")
}

func mysqlOf(t *testing.T, dsn string) func(*testing.T, string) []string {
	db, err := sql.Open("mysql", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return tables(db, "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")
}

// tables searches every column of every row of every table.
func tables(db *sql.DB, list string) func(*testing.T, string) []string {
	return func(t *testing.T, text string) (found []string) {
		t.Helper()
		names := column(t, db, list)
		require.Greater(t, len(names), 10, "these are not the tables of the service")
		for _, name := range names {
			rows, err := db.Query("SELECT * FROM " + name)
			require.NoError(t, err)
			columns, err := rows.Columns()
			require.NoError(t, err)
			for rows.Next() {
				cells := make([]sql.RawBytes, len(columns))
				into := make([]any, len(columns))
				for i := range cells {
					into[i] = &cells[i]
				}
				require.NoError(t, rows.Scan(into...))
				for i, cell := range cells {
					if bytes.Contains(cell, []byte(text)) {
						found = append(found, name+"."+columns[i])
					}
				}
			}
			require.NoError(t, rows.Err())
			require.NoError(t, rows.Close())
		}
		return found
	}
}

func column(t *testing.T, db *sql.DB, query string) (values []string) {
	t.Helper()
	rows, err := db.Query(query)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var v string
		require.NoError(t, rows.Scan(&v))
		values = append(values, v)
	}
	require.NoError(t, rows.Err())
	return values
}

// redisOf searches every key and every value of one server, whatever its type.
func redisOf(t *testing.T, addr, password string) func(*testing.T, string) []string {
	client := redis.NewClient(&redis.Options{Addr: addr, Password: password, Protocol: 2, MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	return func(t *testing.T, text string) (found []string) {
		t.Helper()
		ctx := t.Context()
		scan := client.Scan(ctx, 0, "*", 1000).Iterator()
		for scan.Next(ctx) {
			if held := append(valuesOf(t, client, scan.Val()), scan.Val()); strings.Contains(strings.Join(held, "\n"), text) {
				found = append(found, scan.Val())
			}
		}
		require.NoError(t, scan.Err())
		return found
	}
}

func valuesOf(t *testing.T, client *redis.Client, key string) (values []string) {
	t.Helper()
	ctx := context.Background()
	kind, err := client.Type(ctx, key).Result()
	require.NoError(t, err)
	switch kind {
	case "none": // it expired meanwhile
	case "string":
		text, err := client.Get(ctx, key).Result()
		if !errors.Is(err, redis.Nil) { // it may have expired meanwhile
			require.NoError(t, err)
		}
		values = append(values, text)
	case "hash":
		fields, err := client.HGetAll(ctx, key).Result()
		require.NoError(t, err)
		for name, value := range fields {
			values = append(values, name, value)
		}
	case "zset":
		values, err = client.ZRange(ctx, key, 0, -1).Result()
		require.NoError(t, err)
	case "list":
		values, err = client.LRange(ctx, key, 0, -1).Result()
		require.NoError(t, err)
	case "set":
		values, err = client.SMembers(ctx, key).Result()
		require.NoError(t, err)
	case "stream":
		entries, err := client.XRange(ctx, key, "-", "+").Result()
		require.NoError(t, err)
		for _, e := range entries {
			values = append(values, fmt.Sprint(e.Values))
		}
	default:
		t.Fatalf("a key of a type that is not searched: %s is a %s", key, kind)
	}
	return values
}

// embeddedRedis finds where the Redis inside the process listens: on the one address that nobody gave it.
func (in *instance) embeddedRedis() string {
	in.t.Helper()
	sockets := map[string]bool{}
	folder := fmt.Sprintf("/proc/%d/fd", in.PID())
	entries, err := os.ReadDir(folder)
	require.NoError(in.t, err)
	for _, e := range entries {
		to, _ := os.Readlink(filepath.Join(folder, e.Name()))
		if inode, ok := strings.CutPrefix(to, "socket:["); ok {
			sockets[strings.TrimSuffix(inode, "]")] = true
		}
	}
	table, err := os.ReadFile("/proc/net/tcp")
	require.NoError(in.t, err)
	var others []string
	for _, line := range strings.Split(string(table), "\n") {
		f := strings.Fields(line)
		if len(f) < 10 || f[3] != "0A" || !sockets[f[9]] { // 0A: it listens
			continue
		}
		_, hex, _ := strings.Cut(f[1], ":")
		port, err := strconv.ParseUint(hex, 16, 16)
		require.NoError(in.t, err)
		if addr := net.JoinHostPort("127.0.0.1", fmt.Sprint(port)); !slices.Contains([]string{in.HTTP, in.Admin, in.RPC}, addr) {
			others = append(others, addr)
		}
	}
	require.Len(in.t, others, 1, "the embedded Redis")
	return others[0]
}
