package recommend

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxWords is how many words of a title count: the first ones.
const MaxWords = 16

// The most runes of a word, what is longer is cut; the most marks on a character; and from how many digits on a number
// is a serial number.
const (
	maxWordRunes   = 20
	maxMarks       = 4
	serialNumberOf = 5
)

// Words appends the words of a title: in lower case, each once, in the order of the title, at most MaxWords. Where a
// script puts no spaces between words, two neighbouring characters are a word. Single letters and serial numbers are
// none. Titles have the same words only in the same normal form, NFKC preferably.
func Words(title string, into []string) []string {
	title = strings.ToLower(title)
	from := len(into)
	for len(title) > 0 && len(into)-from < MaxWords {
		r, size := utf8.DecodeRuneInString(title)
		var run string
		switch {
		case unspaced(r):
			run, title = span(title, unspaced)
			into = pairs(run, from, into)
		case spaced(r):
			run, title = span(title, spaced)
			if word := cut(run); telling(word) {
				into = once(into, from, word)
			}
		default:
			title = title[size:]
		}
	}
	return into
}

// span splits s after the characters of one kind and the marks on them.
func span(s string, kind func(rune) bool) (run, rest string) {
	end := strings.IndexFunc(s, func(r rune) bool { return !kind(r) && !unicode.IsMark(r) })
	if end < 0 {
		end = len(s)
	}
	return s[:end], s[end:]
}

// pairs appends every two neighbouring characters of a run, or the only one.
func pairs(run string, from int, into []string) []string {
	first := character(run)
	if first == len(run) {
		return once(into, from, run)
	}
	for first < len(run) && len(into)-from < MaxWords {
		second := character(run[first:])
		into = once(into, from, run[:first+second])
		run, first = run[first:], second
	}
	return into
}

// character is the length of the first character with the marks on it.
func character(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	for range maxMarks {
		r, size := utf8.DecodeRuneInString(s[n:])
		if !unicode.IsMark(r) {
			break
		}
		n += size
	}
	return n
}

func cut(word string) string {
	n := 0
	for i := range word {
		if n == maxWordRunes {
			return word[:i]
		}
		n++
	}
	return word
}

func telling(word string) bool {
	n, digits := 0, 0
	for _, r := range word {
		n++
		if unicode.IsDigit(r) {
			digits++
		}
	}
	return n > 1 && (digits < n || n < serialNumberOf)
}

func once(words []string, from int, word string) []string {
	for _, w := range words[from:] {
		if w == word {
			return words
		}
	}
	return append(words, word)
}

func spaced(r rune) bool { return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unspaced(r) }

func unspaced(r rune) bool {
	return r >= '\u0e00' && unicode.IsLetter(r) && (r == 'ー' || // it belongs to two scripts
		unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar))
}
