package catalog_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/catalog"
)

func TestIDs(t *testing.T) {
	for _, c := range []struct {
		name string
		id   string
		want error
	}{
		{"one byte is enough", "a", nil},
		{"none is not", "", catalog.ErrID},
		{"128 bytes fit", strings.Repeat("a", 128), nil},
		{"129 do not", strings.Repeat("a", 129), catalog.ErrID},
		{"bytes are counted, not characters: 42 of three and two more", strings.Repeat("河", 42) + "ab", nil},
		{"bytes are counted, not characters: 43 of three", strings.Repeat("河", 43), catalog.ErrID},
		{"32 characters of four bytes fit", strings.Repeat("🌊", 32), nil},
		{"a space is printable", "a b", nil},
		{"the first printable byte", " ", nil},
		{"the last control character before it", "\x1f", catalog.ErrID},
		{"the last printable byte of ASCII", "~", nil},
		{"delete, after it", "\x7f", catalog.ErrID},
		{"a zero byte", "a\x00b", catalog.ErrID},
		{"a line break", "a\n", catalog.ErrID},
		{"a tab", "\ta", catalog.ErrID},
		{"a control character of two bytes", "a\u0085b", catalog.ErrID},
		{"a space that does not break", "a\u00a0b", catalog.ErrID},
		{"a mark that turns the direction of text", "a\u202eb", catalog.ErrID},
		{"a space of no width", "a\u200bb", catalog.ErrID},
		{"a line separator", "a\u2028b", catalog.ErrID},
		{"a character for private use", "\ue000", catalog.ErrID},
		{"a character that is not assigned", "\u0378", catalog.ErrID},
		{"a combining accent", "e\u0301", nil},
		{"the replacement character, said outright", "\ufffd", nil},
		{"a byte that begins nothing", "a\xff", catalog.ErrID},
		{"a character cut short", "a\xe6\xb2", catalog.ErrID},
		{"a surrogate", "\xed\xa0\x80", catalog.ErrID},
		{"a slash written too long", "\xc0\xaf", catalog.ErrID},
		{"a slash", "/", catalog.ErrID},
		{"a slash inside", "a/b", catalog.ErrID},
		{"a backslash", `a\b`, nil},
		{"what paths and queries use", "a%2Fb?c#d:e..", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.ErrorIs(t, catalog.CheckID(c.id), c.want)

			item, err := catalog.ParseItemID(c.id)
			require.ErrorIs(t, err, c.want)
			author, err := catalog.ParseAuthorID(c.id)
			require.ErrorIs(t, err, c.want)
			if c.want == nil {
				require.Equal(t, []string{c.id, c.id}, []string{string(item), string(author)})
				require.NoError(t, catalog.CheckTag(c.id))
			} else {
				require.Equal(t, "", string(item)+string(author), "a refused id is not handed out")
				require.ErrorIs(t, catalog.CheckTag(c.id), catalog.ErrTag)
			}
		})
	}
}

// mayBeID is the definition of an id, word by word.
func mayBeID(s string) bool {
	if len(s) < 1 || len(s) > 128 || !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		visible := unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S) || r == ' '
		return r == '/' || !visible
	})
}

func TestIDsAreWhatTheirDefinitionSays(t *testing.T) {
	anyBytes := rapid.Custom(func(t *rapid.T) string { return string(rapid.SliceOfN(rapid.Byte(), 0, 130).Draw(t, "bytes")) })
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.StringN(0, 130, 135), anyBytes, rapid.StringMatching(`[ -~]{120,130}`)).Draw(t, "id")
		require.Equal(t, mayBeID(s), catalog.CheckID(s) == nil)
	})
}

func FuzzCheckID(f *testing.F) {
	for _, s := range []string{"", "a", "a/b", "\xff", "\xc0\xaf", "河🌊", "\u202e", "\ufffd", strings.Repeat("a", 128), strings.Repeat("é", 65)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		err := catalog.CheckID(s)
		require.Equal(t, mayBeID(s), err == nil, "%q: %v", s, err)
		if err != nil {
			require.ErrorIs(t, err, catalog.ErrID)
		}
	})
}
