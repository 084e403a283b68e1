package mysqlstore

import "strings"

type dialect uint8

const (
	mysqlDialect dialect = iota
	sqliteDialect
)

// forUpdate ends a SELECT whose rows stay as they are until the transaction ends. SQLite's
// transactions begin with the lock on everything.
func (d dialect) forUpdate() string {
	if d == sqliteDialect {
		return ""
	}
	return " FOR UPDATE"
}

// nowMillis is the database's own clock, the same for every instance.
func (d dialect) nowMillis() string {
	if d == sqliteDialect {
		return "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
	}
	return "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)"
}

// clash says what an INSERT does where a row with the same key is. The zero value keeps that row.
type clash struct {
	key     []string // the columns of the key
	replace []string // take the new value
	grow    []string // take the greater value
	add     []string // take the sum
}

func (d dialect) onClash(c clash) string {
	var sets []string
	set := func(columns []string, mysql, sqlite string) {
		form := mysql
		if d == sqliteDialect {
			form = sqlite
		}
		for _, column := range columns {
			sets = append(sets, strings.ReplaceAll(form, "?", column))
		}
	}
	set(c.replace, "? = VALUES(?)", "? = excluded.?")
	set(c.grow, "? = GREATEST(?, VALUES(?))", "? = MAX(?, excluded.?)")
	set(c.add, "? = ? + VALUES(?)", "? = ? + excluded.?")
	switch {
	case d == sqliteDialect && len(sets) == 0:
		return " ON CONFLICT (" + strings.Join(c.key, ", ") + ") DO NOTHING"
	case d == sqliteDialect:
		return " ON CONFLICT (" + strings.Join(c.key, ", ") + ") DO UPDATE SET " + strings.Join(sets, ", ")
	case len(sets) == 0:
		set(c.key[:1], "? = VALUES(?)", "")
	}
	return " ON DUPLICATE KEY UPDATE " + strings.Join(sets, ", ")
}

// tuples ends a row-valued IN: n rows of the width.
func (d dialect) tuples(n, width int) string {
	row := "(" + strings.Repeat("?,", width-1) + "?)"
	list := strings.Repeat(row+",", n-1) + row
	if d == sqliteDialect {
		return "(VALUES " + list + ")"
	}
	return "(" + list + ")"
}
