package rpc_test

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/freshet/freshet/domain/feed"
)

// wrong is a value that a field refuses, and with which key.
type wrong struct {
	that  string
	value any
	key   string
	code  int32 // 0: 400
}

// What is done to a field instead of giving it a value.
type (
	unsent  struct{}
	another struct{} // sent as a number with a point, which no field is
)

const (
	most, least = math.MaxInt64, math.MinInt64
	most32      = math.MaxInt32
	least32     = math.MinInt32
	hour        = int64(3_600_000)
)

var (
	yearOne = time.Time{}.UnixMilli()
	long    = strings.Repeat("x", 129)
)

var anID = spelled("bad_id")

// spelled is what a word spelt as ids are may not be.
func spelled(key string) []wrong {
	return []wrong{
		{that: "of 129 bytes", value: long, key: key},
		{that: "of 129 bytes in 43 characters", value: strings.Repeat("\u20ac", 43), key: key},
		{that: "of a megabyte", value: strings.Repeat("x", 1<<20), key: key},
		{that: "with a slash", value: "a/b", key: key},
		{that: "that is not UTF-8", value: "a\xff", key: key},
		{that: "with half a character", value: "a\xed\xa0\x80", key: key},
		{that: "with a zero byte", value: "a\x00", key: key},
		{that: "with a line break", value: "a\nb", key: key},
		{that: "with a control character past ASCII", value: "a\u0085", key: key},
		{that: "with a line separator", value: "a\u2028", key: key},
		{that: "that writes from right to left by force", value: "a\u202e", key: key},
	}
}

// needed refuses absence too; empty is the value that stands for it.
func needed(empty any, key string, rest []wrong) []wrong {
	return append([]wrong{
		{that: "that is empty", value: empty, key: key},
		{that: "that is not sent", value: unsent{}, key: key},
		{that: "of another type", value: another{}, key: key},
	}, rest...)
}

func neededID() []wrong { return needed("", "missing", anID) }

// entryID is of an entry of a list, of which absence is emptiness.
func entryID(rest ...wrong) []wrong {
	return slices.Concat([]wrong{{that: "that is empty", value: "", key: "missing"}}, anID, rest)
}

// each is a list of words of which one is wrong, or of too many.
func each(key string, atMost int) []wrong {
	list := []wrong{
		{that: "of one too many", value: repeat("fine", atMost+1), key: "too_many"},
		{that: "with one that is empty", value: []string{"fine", ""}, key: key},
	}
	for _, w := range spelled(key) {
		list = append(list, wrong{that: "with one " + w.that, value: []string{"fine", w.value.(string)}, key: key})
	}
	return list
}

func text(atMost int) []wrong {
	return []wrong{
		{that: "of one byte too many", value: strings.Repeat("x", atMost+1), key: "too_long"},
		{that: "that is not UTF-8", value: "a\xff", key: "bad_text"},
		{that: "with a zero byte", value: "a\x00", key: "bad_text"},
		{that: "with a control character past ASCII", value: "a\u0085", key: "bad_text"},
	}
}

// place is a language or region.
func place() []wrong {
	return append(text(35), wrong{that: "with a line break", value: "a\n", key: "bad_text"})
}

func limit(atMost int) []wrong {
	return []wrong{
		{that: "of 0", value: 0, key: "bad_limit"}, {that: "of -1", value: -1, key: "bad_limit"},
		{that: "of one too many", value: atMost + 1, key: "bad_limit"},
		{that: "of the most there is", value: most32, key: "bad_limit"}, {that: "of the least there is", value: least32, key: "bad_limit"},
	}
}

// oneOf is an enum with values up to last.
func oneOf(last int, key string) []wrong {
	return []wrong{
		{that: "past the last", value: last + 1, key: key}, {that: "of -1", value: -1, key: key},
		{that: "of the most there is", value: most32, key: key}, {that: "of the least there is", value: least32, key: key},
	}
}

// span is a length of time of up to 48 hours; the last but one is a multiple of 2^64 nanoseconds and one millisecond.
func span(key string) []wrong {
	return []wrong{
		{that: "of -1", value: -1, key: key}, {that: "of 48 hours and a millisecond", value: 48*hour + 1, key: key},
		{that: "of the most there is", value: most, key: key}, {that: "of the least there is", value: least, key: key},
		{that: "that a duration wraps to a millisecond", value: 1<<58 + 1, key: key},
	}
}

var (
	in1900 = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	in2200 = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	in1990 = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
)

// moment is a time that a publisher names.
func moment() []wrong {
	return []wrong{
		{that: "just before 1900", value: in1900 - 1, key: "bad_time"}, {that: "as 2200 begins", value: in2200, key: "bad_time"},
		{that: "as time begins", value: yearOne, key: "bad_time"},
		{that: "of the most there is", value: most, key: "bad_time"}, {that: "of the least there is", value: least, key: "bad_time"},
	}
}

// past is a time at which a viewer did something.
func past() []wrong {
	return []wrong{
		{that: "of 0", value: 0, key: "missing"},
		{that: "six minutes ahead", value: time.Now().UnixMilli() + hour/10, key: "in_the_future"},
		{that: "of the most there is", value: most, key: "in_the_future"},
		{that: "just before 1990", value: in1990 - 1, key: "too_old"},
		{that: "as time begins", value: yearOne, key: "too_old"}, {that: "of the least there is", value: least, key: "too_old"},
	}
}

func payload() []wrong {
	return []wrong{
		{that: "that is not JSON", value: []byte("x"), key: "bad_json"}, {that: "of half a value", value: []byte(`{"a"`), key: "bad_json"},
		{that: "of two values", value: []byte("1 2"), key: "bad_json"}, {that: "of white space", value: []byte(" "), key: "bad_json"},
		{that: "with a zero byte", value: []byte("\"\x00\""), key: "bad_json"},
		{that: "that is not UTF-8", value: []byte("\"\xff\""), key: "bad_utf8"},
		{that: "of one byte too many", value: []byte(`"` + strings.Repeat("x", 16<<10-1) + `"`), key: "too_long"},
		{that: "64 levels deep", value: []byte(strings.Repeat("[", 64) + strings.Repeat("]", 64)), key: "too_deep"},
	}
}

// bookmark is a cursor of pages, made from one that the request would take.
func bookmark(of string) []wrong {
	ours := feed.NewSealer([]byte(secret))
	forged := func(seal *feed.Sealer, change func(c *feed.Cursor)) string {
		c, err := ours.Open(of)
		if err != nil {
			panic(err)
		}
		change(c)
		return seal.Seal(*c)
	}
	return append(tampered(of), []wrong{
		{that: "sealed with another key", value: forged(feed.NewSealer([]byte("a secret of another")), func(*feed.Cursor) {}), key: "bad_cursor"},
		{that: "given to another viewer", value: forged(ours, func(c *feed.Cursor) { c.Viewer++ }), key: "cursor_not_yours"},
		{that: "of another feed", value: forged(ours, func(c *feed.Cursor) { c.Feed = "latest" }), key: "cursor_of_other_feed"},
		{that: "of another item", value: forged(ours, func(c *feed.Cursor) { c.Narrowing.Anchor = "v09" }), key: "cursor_of_other_feed"},
		{that: "that has expired", value: forged(ours, func(c *feed.Cursor) { c.ExpiresAt = time.Now() }), key: "cursor_expired", code: 410},
		{that: "that never was", value: forged(ours, func(c *feed.Cursor) { c.ExpiresAt = time.Time{} }), key: "cursor_expired", code: 410},
	}...)
}

// tampered is any cursor that is not as it was given.
func tampered(cursor string) []wrong {
	flipped := []byte(cursor)
	if at := len(flipped) / 2; flipped[at] == 'A' {
		flipped[at] = 'B'
	} else {
		flipped[at] = 'A'
	}
	list := []wrong{
		{that: "of no letters of ours", value: "!"}, {that: "of one letter", value: "A"}, {that: "of zeros", value: "AAAA"},
		{that: "that is not UTF-8", value: "\xff"}, {that: "of a megabyte", value: strings.Repeat("A", 1<<20)},
		{that: "cut short", value: cursor[:len(cursor)-4]}, {that: "drawn out", value: cursor + "AAAA"},
		{that: "with a letter changed", value: string(flipped)},
	}
	for i := range list {
		list[i].key = "bad_cursor"
	}
	return list
}

func tooMany[T any](entry T) []wrong {
	return []wrong{{that: "of 10,001", value: repeat(entry, 10_001), key: "batch_too_large", code: 413}}
}

func act() []wrong {
	return []wrong{
		{that: "that is empty", value: "", key: "missing"}, {that: "that there is not", value: "opened", key: "unknown_type"},
		{that: "in capitals", value: "OPEN", key: "unknown_type"}, {that: "of a megabyte", value: strings.Repeat("x", 1<<20), key: "unknown_type"},
		{that: "that is not UTF-8", value: "open\xff", key: "unknown_type"}, {that: "with a zero byte", value: "open\x00", key: "unknown_type"},
	}
}

// asServed is the context of an item.
func asServed() []wrong {
	list := []wrong{
		{that: "of one byte too many", value: strings.Repeat("x", 513)}, {that: "past ASCII", value: "\u00e9"},
		{that: "that is not UTF-8", value: "\xff"}, {that: "with a zero byte", value: "\x00"}, {that: "with a line break", value: "a\n"},
		{that: "with delete", value: "\x7f"},
	}
	for i := range list {
		list[i].key = "bad_context"
	}
	return list
}

func pageNumber() []wrong {
	return []wrong{
		{that: "of -1", value: -1, key: "bad_page"}, {that: "of the least there is", value: least32, key: "bad_page"},
		{that: "of the most there is", value: most32, key: "page_not_found", code: 404},
	}
}
