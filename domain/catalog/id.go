package catalog

import (
	"unicode"
	"unicode/utf8"

	"github.com/freshet/freshet/domain/fault"
)

// MaxIDBytes bounds every id that a client gives.
const MaxIDBytes = 128

// ErrID refuses an id that is empty, too long, not printable UTF-8, or holds a slash.
var ErrID = fault.New(fault.Invalid, "bad_id", "an id is 1 to 128 bytes of printable UTF-8 without '/'")

// ItemID names an item; its client chose it.
type ItemID string

// AuthorID names who made an item; its client chose it. Empty means the item names no author.
type AuthorID string

// Number is an item's surrogate: assigned once, never reused, at least 1 and below 2^53.
type Number uint64

// CheckID is the one rule for ids of every kind. It fails with ErrID.
func CheckID(s string) error {
	if len(s) == 0 || len(s) > MaxIDBytes || !printable(s) {
		return ErrID
	}
	for i := 0; i < len(s); i++ {
		if s[i] == '/' {
			return ErrID
		}
	}
	return nil
}

// ParseItemID fails with ErrID.
func ParseItemID(s string) (ItemID, error) {
	if err := CheckID(s); err != nil {
		return "", err
	}
	return ItemID(s), nil
}

// ParseAuthorID fails with ErrID.
func ParseAuthorID(s string) (AuthorID, error) {
	if err := CheckID(s); err != nil {
		return "", err
	}
	return AuthorID(s), nil
}

func printable(s string) bool {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c < 0x20 || c == 0x7f {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if (r == utf8.RuneError && n == 1) || !unicode.IsPrint(r) {
			return false
		}
		i += n
	}
	return true
}
