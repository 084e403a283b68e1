package http

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/feed"
)

// wrongCursors begins a session on every route that takes cursors, and spoils its cursor in every way.
func wrongCursors(t *testing.T, w *world) []refusal {
	var cases []refusal
	for _, first := range []string{"/v1/feeds/latest?viewer=ann&limit=2", "/v1/items/v001/related?viewer=ann&limit=2", "/v1/items/v001/related?limit=2"} {
		page, _ := w.page(first)
		whole := page["cursor"].(string)
		whose, text, stranger := strings.Cut(whole, ".")
		if !stranger {
			whose, text = "", whole
		} else {
			whose += "."
		}
		opened, err := w.sealer.Open(text)
		require.NoError(t, err)
		past := *opened
		past.ExpiresAt = time.Now().Add(-time.Millisecond)
		at := first[:strings.Index(first, "&")+1]
		if stranger {
			at = first[:strings.Index(first, "?")+1]
		}
		refuse := func(name, place, path string, status int, code string) {
			cases = append(cases, refusal{name: name, place: "query " + place, method: "GET", path: path, status: status, code: code})
		}
		for name, cursor := range map[string]string{
			"nothing like one":           "x",
			"a number":                   "-1",
			"not UTF-8":                  "%FF",
			"a zero byte":                "%00",
			"20000 bytes":                strings.Repeat("A", 20_000),
			"cut short":                  whose + text[:len(text)-1],
			"cut at its front":           whose + text[1:],
			"with something after it":    whose + text + "A",
			"padded":                     whose + text + "%3D",
			"with one letter changed":    whose + text[:40] + other(text[40]) + text[41:],
			"with its signature changed": whose + text[:len(text)-10] + other(text[len(text)-10]) + text[len(text)-9:],
			"signed by another service":  whose + feed.NewSealer([]byte("another key altogether")).Seal(*opened),
			"a stranger's of nobody":     "." + text,
			"a viewer's for a stranger":  "anonymous%2F." + text,
		} {
			refuse("a cursor: "+name, "cursor", at+"cursor="+cursor, 400, "bad_cursor")
		}
		refuse("a cursor of a session that has ended", "cursor", at+"cursor="+whose+w.sealer.Seal(past), 410, "cursor_expired")
		refuse("a cursor under another tag", "tag", at+"tag=t1&cursor="+whole, 400, "cursor_narrowing")
		refuse("a cursor in another language", "lang", at+"lang=en&cursor="+whole, 400, "cursor_narrowing")
		refuse("a cursor in another region", "region", at+"region=FR&cursor="+whole, 400, "cursor_narrowing")
		switch {
		case stranger:
			refuse("another stranger's cursor", "cursor", at+"cursor=anonymous-X."+text, 400, "cursor_not_yours")
			refuse("a stranger's cursor without the stranger", "cursor", at+"cursor="+text, 400, "bad_cursor")
			refuse("a stranger's cursor for a viewer", "cursor", at+"viewer=ann&cursor="+whole, 400, "bad_cursor")
		default:
			refuse("another viewer's cursor", "cursor", strings.Replace(at, "ann", "bob", 1)+"cursor="+whole, 400, "cursor_not_yours")
		}
		elsewhere := strings.NewReplacer("latest", "for-you", "v001", "v002").Replace(at)
		refuse("a cursor from elsewhere", "cursor", elsewhere+"cursor="+whole, 400, "cursor_of_other_feed")
	}
	return cases
}

// other is another letter of the alphabet that cursors are written in.
func other(letter byte) string {
	if letter == 'A' {
		return "B"
	}
	return "A"
}
