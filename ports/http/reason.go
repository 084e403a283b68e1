package http

import (
	"strings"

	"github.com/freshet/freshet/domain/recommend"
)

// reasonText says a reason in a few words that a viewer may read.
func reasonText(r recommend.Reason) string {
	kind, name, _ := strings.Cut(r.Because, ":")
	switch r.Source {
	case "sequence", "longterm", "similar":
		if name != "" {
			return "similar to " + name + " you liked"
		}
		return "similar to what you liked"
	case "affinity":
		switch kind {
		case "author":
			return "more from " + name + ", whom you like"
		case "tag":
			return "more of " + name + ", which you like"
		}
		return "similar to what you like"
	case "following":
		if name != "" {
			return "new from " + name + ", whom you follow"
		}
		return "new from an author you follow"
	case "trending":
		if name != "" {
			return "popular in " + name
		}
		return "popular now"
	case "fresh":
		return "just published"
	case "tuned":
		if name != "" {
			return "you asked for more of " + name
		}
		return "you asked for more like this"
	case "explore":
		return "exploring"
	case "pinned":
		return "chosen by the editors"
	case "related":
		if name != "" {
			return "similar to " + name
		}
		return "similar to this"
	}
	return "recommended"
}
