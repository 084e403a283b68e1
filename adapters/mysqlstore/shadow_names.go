package mysqlstore

import (
	"fmt"
	"slices"
	"strings"
)

// shadowed is the statement with the names of shadow traffic's own tables in the place of those they stand for. It looks at the words of
// the statement outside quotes: a table is what follows FROM, JOIN, INTO, TABLE and an UPDATE that begins the statement, and what
// a dot follows. It fails where the statement reads a table that shadow traffic shares with nobody and has not, or writes to one.
func shadowed(statement string) (string, error) {
	var out strings.Builder
	out.Grow(len(statement) + 4*len(shadowPrefix))
	done, first, before := 0, "", ""
	for i := 0; i < len(statement); {
		switch c := statement[i]; {
		case c == '\'' || c == '"' || c == '`':
			end := strings.IndexByte(statement[i+1:], c)
			if end < 0 {
				return "", fmt.Errorf("a statement with an open quote: %.60s", statement)
			}
			i, before = i+end+2, ""
		case isLetter(c):
			end := i + 1
			for end < len(statement) && (isLetter(statement[end]) || '0' <= statement[end] && statement[end] <= '9') {
				end++
			}
			word := statement[i:end]
			if first == "" {
				first = word
			}
			switch own := slices.Contains(twins, word); {
			case namesTable(first, before):
				if !own && (word != "items" || !strings.EqualFold(before, "FROM") && !strings.EqualFold(before, "JOIN") || !strings.EqualFold(first, "SELECT")) {
					return "", fmt.Errorf("shadow traffic has no table %s: %.60s", word, statement)
				}
				if !own {
					break
				}
				fallthrough
			case own && end < len(statement) && statement[end] == '.':
				out.WriteString(statement[done:i])
				out.WriteString(shadowPrefix)
				done = i
			}
			i, before = end, word
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			i++
		default:
			i, before = i+1, ""
		}
	}
	out.WriteString(statement[done:])
	return out.String(), nil
}

// namesTable reports that the next word is the name of a table.
func namesTable(first, before string) bool {
	switch strings.ToUpper(before) { // in whatever letters it is written
	case "FROM", "JOIN", "INTO", "TABLE":
		return true
	case "UPDATE":
		return strings.EqualFold(first, "UPDATE")
	}
	return false
}

func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
}
