package binlog

import (
	"regexp"
	"slices"
	"strings"

	"github.com/go-mysql-org/go-mysql/replication"
)

// query takes in a statement: what begins and ends transactions, what changes tables, and what changes rows without
// naming them.
func (g *gathering) query(e *replication.QueryEvent, at uint32) {
	statement := strings.TrimSpace(string(e.Query))
	switch verb(statement) {
	case "BEGIN", "SAVEPOINT", "RELEASE":
		return
	case "ROLLBACK": // of tables without transactions; of a savepoint the end follows
		if len(statement) > len("ROLLBACK") {
			return
		}
	case "COMMIT", "XA":
	default:
		g.open.foreign = true
		if string(e.Schema) == g.database || strings.Contains(statement, g.database) {
			if hides(statement) {
				g.made.Missed = "a statement changed rows without naming them: " + verb(statement)
			} else {
				g.log.Info("a statement is passed over", "statement", shorten(statement))
			}
		}
	}
	g.end(at)
}

var word = regexp.MustCompile("[A-Za-z_]+")

// verb is the first word of a statement, in capitals; comments before it are not looked at.
func verb(statement string) string {
	for {
		rest, ok := strings.CutPrefix(statement, "/*")
		if !ok {
			break
		}
		_, after, closed := strings.Cut(rest, "*/")
		if !closed || strings.HasPrefix(rest, "!") || strings.HasPrefix(rest, "M!") {
			break // one that is executed
		}
		statement = strings.TrimSpace(after)
	}
	return strings.ToUpper(word.FindString(statement))
}

// hides reports that a statement may have changed rows of a table that is followed.
func hides(statement string) bool {
	switch verb(statement) {
	case "INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD", "TRUNCATE", "DROP", "RENAME", "CREATE":
	default:
		return false
	}
	if verb(statement) == "CREATE" && !regexp.MustCompile(`(?i)^\W*CREATE\s+OR\s+REPLACE\s+TABLE`).MatchString(statement) {
		return false
	}
	return slices.ContainsFunc(word.FindAllString(statement, -1), func(w string) bool {
		return slices.Contains(tables, strings.ToLower(w))
	})
}

// shorten tells what a statement is, and not the values in it.
func shorten(statement string) string {
	words := strings.Fields(statement)
	return strings.Join(words[:min(3, len(words))], " ")
}
