package tokens

import "strings"

// scopesIn reads the claims scope, one text with blanks between, and scp, which is that or a list.
func scopesIn(claims map[string]any) []string {
	var names []string
	for _, claim := range []string{"scope", "scp"} {
		switch v := claims[claim].(type) {
		case string:
			names = append(names, strings.Fields(v)...)
		case []any:
			for _, x := range v {
				if name, ok := x.(string); ok {
					names = append(names, name)
				}
			}
		}
	}
	return names
}
