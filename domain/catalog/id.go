package catalog

import (
	"strings"
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
	if s == "" || len(s) > MaxIDBytes || strings.Contains(s, "/") || !printable(s) {
		return ErrID
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
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return utf8.ValidString(s)
}
