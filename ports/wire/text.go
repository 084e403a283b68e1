package wire

import "unicode/utf8"

// whole reports whether the escapes in valid JSON make up whole characters, \ud83d alone being half of one,
// and the rest is UTF-8. A decoder would silently replace what is not.
func whole(s []byte) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			continue
		}
		if i++; s[i] != 'u' {
			continue
		}
		switch r := hex4(s[i+1:]); {
		case r >= 0xDC00 && r < 0xE000:
			return false
		case r >= 0xD800 && r < 0xDC00:
			if i+11 > len(s) || s[i+5] != '\\' || s[i+6] != 'u' {
				return false
			}
			if low := hex4(s[i+7:]); low < 0xDC00 || low >= 0xE000 {
				return false
			}
			i += 10
		default:
			i += 4
		}
	}
	return utf8.Valid(s)
}

func hex4(b []byte) (r rune) {
	for _, c := range b[:4] {
		switch {
		case c <= '9':
			c -= '0'
		default:
			c = c&^0x20 - 'A' + 10
		}
		r = r<<4 | rune(c)
	}
	return r
}
