package mysqlstore

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
)

// Write runs do in a transaction.
func Write(t testing.TB, db *DB, do func(tx *gorm.DB) error) {
	t.Helper()
	require.NoError(t, db.write(context.Background(), do))
}

// TablesOf names the tables.
func TablesOf(t testing.TB, db *DB) (tables []string) {
	t.Helper()
	query := "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
	if db.dialect == sqliteDialect {
		query = "SELECT name FROM sqlite_master WHERE type = 'table'"
	}
	require.NoError(t, db.read(context.Background(), func(tx *gorm.DB) error { return tx.Raw(query).Scan(&tables).Error }))
	return tables
}

// RowsOf is every row of a table.
func RowsOf(t testing.TB, db *DB, table string) []string {
	t.Helper()
	return textOf(t, db, "SELECT * FROM "+table)
}

// MadeOf says which columns and indexes a table has.
func MadeOf(t testing.TB, db *DB, table string) []string {
	t.Helper()
	if db.dialect == sqliteDialect {
		return append(textOf(t, db, "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info('"+table+"')"),
			textOf(t, db, "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = '"+table+"'")...)
	}
	return append(textOf(t, db, "SELECT column_name, column_type, is_nullable, column_default, column_key, extra FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = '"+table+"'"),
		textOf(t, db, "SELECT index_name, seq_in_index, column_name, non_unique FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = '"+table+"'")...)
}

func textOf(t testing.TB, db *DB, query string) (out []string) {
	t.Helper()
	require.NoError(t, db.read(context.Background(), func(tx *gorm.DB) error {
		out = nil
		rows, err := tx.Raw(query).Rows()
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		cells, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				return err
			}
			text := ""
			for _, c := range cells {
				if b, ok := c.([]byte); ok {
					c = string(b)
				}
				text += fmt.Sprint(c) + "|"
			}
			out = append(out, text)
		}
		return rows.Err()
	}))
	slices.Sort(out)
	return out
}
