package config

import (
	"strings"
	"unicode"
)

// Error refuses one key.
type Error struct {
	Source string // the file, the environment variable or --set; empty when several sources together are wrong
	Key    string // the path of the key, or the name of the variable; empty when the source as a whole is wrong
	Reason string
}

func (e *Error) Error() string {
	parts := []string{e.Source, e.Key, e.Reason}
	if e.Source == e.Key {
		parts = parts[1:]
	}
	var b strings.Builder
	for _, p := range parts {
		if p == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(p)
	}
	return oneLine(b.String())
}

// oneLine makes what an operator wrote fit for a line of a log.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)), " ")
}

func refuse(key, reason string) *Error { return &Error{Key: key, Reason: reason} }

// unknown refuses a key and names the known one that looks most like it.
func unknown(key string, known []string) *Error {
	reason := "there is no such key"
	if near := nearest(key, known); near != "" {
		reason += "; did you mean " + near + "?"
	}
	return refuse(key, reason)
}

// nearest returns the known word with the fewest changes of letters from the given one.
func nearest(word string, known []string) string {
	best, least := "", 1<<30
	for _, k := range known {
		if d := distance(word, k); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance is Levenshtein's, of words cut to 200 bytes.
func distance(a, b string) int {
	a, b = a[:min(len(a), 200)], b[:min(len(b), 200)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
