package mysqlstore

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStatementsOfShadowTrafficNameItsOwnTables(t *testing.T) {
	for _, c := range []struct{ name, is, becomes string }{
		{"small letters", "select 1 from events e join pages p on p.pos = e.pos", "select 1 from shadow_events e join shadow_pages p on p.pos = e.pos"},
		{"what is read", "SELECT 1 FROM events e WHERE e.pos > ?", "SELECT 1 FROM shadow_events e WHERE e.pos > ?"},
		{"what is joined", "SELECT s.visit FROM pages p\n\tJOIN sessions s ON s.session = p.session", "SELECT s.visit FROM shadow_pages p\n\tJOIN shadow_sessions s ON s.session = p.session"},
		{"what is written", "INSERT INTO plays (pos) VALUES (?)", "INSERT INTO shadow_plays (pos) VALUES (?)"},
		{"what is changed", "UPDATE log_heads SET head = ?", "UPDATE shadow_log_heads SET head = ?"},
		{"a table before a column", "DELETE FROM sessions WHERE sessions.session = ?", "DELETE FROM shadow_sessions WHERE shadow_sessions.session = ?"},
		{"a name of a table that is a column's", "SELECT COUNT(*) AS pages, plays FROM pages", "SELECT COUNT(*) AS pages, plays FROM shadow_pages"},
		{"a column that is given a value", "INSERT INTO ties (at) VALUES (?) ON DUPLICATE KEY UPDATE plays = ?", "INSERT INTO shadow_ties (at) VALUES (?) ON DUPLICATE KEY UPDATE plays = ?"},
		{"a word in quotes", "SELECT head FROM log_heads WHERE name = 'FROM events'", "SELECT head FROM shadow_log_heads WHERE name = 'FROM events'"},
		{"a query in a query", "SELECT 1 FROM (SELECT 2 FROM viewers) v", "SELECT 1 FROM (SELECT 2 FROM shadow_viewers) v"},
		{"a lock", "SELECT 1 FROM viewers FOR UPDATE", "SELECT 1 FROM shadow_viewers FOR UPDATE"},
		{"the items", "SELECT id FROM items WHERE id IN (?)", "SELECT id FROM items WHERE id IN (?)"},
		{"no table", "PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA wal_checkpoint(PASSIVE)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := shadowed(c.is)
			require.NoError(t, err)
			require.Equal(t, c.becomes, got)
		})
	}
	for _, refused := range []string{
		"SELECT 1 FROM item_counts", "SELECT 1 FROM events JOIN blends", "INSERT INTO outbox (seq) VALUES (1)", "UPDATE settings SET name = ''",
		"DELETE FROM items", "UPDATE items SET id = ?", "TRUNCATE TABLE items", "INSERT INTO events SELECT 1 FROM items", "SELECT 'open FROM events",
		"SELECT 1 FROM shadow_events",
	} {
		_, err := shadowed(refused)
		require.Error(t, err, refused)
	}
}
