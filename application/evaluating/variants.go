package evaluating

import (
	"maps"
	"slices"

	"github.com/freshet/freshet/domain/recommend"
)

// variant is the feed, or the feed without one part.
type variant struct {
	feed       recommend.Definition
	kind, part string
}

// The kinds of parts.
const (
	Source = "source"
	Term   = "term"
	Action = "action"
)

// exploring is the source that has a budget of its own.
const exploring = "explore"

// variants are the feed and, for an ablation, the feed without each of its sources, terms and predicted actions that count.
func variants(feed recommend.Definition, ablation bool) []variant {
	all := []variant{{feed: feed}}
	if !ablation {
		return all
	}
	for i, u := range feed.Sources {
		without := feed
		without.Sources = slices.Delete(slices.Clone(feed.Sources), i, i+1)
		without.Slots = slices.DeleteFunc(slices.Clone(feed.Slots), func(s recommend.Slot) bool { return s.Source == u.Name })
		if u.Name == exploring {
			without.Explore = recommend.Exploration{}
		}
		if without.Check() == nil { // a feed may be nothing without its only source
			all = append(all, variant{without, Source, u.Name})
		}
	}
	for _, name := range recommend.FeatureNames() {
		if feed.Weights[name] == 0 && !slices.Contains(feed.Learned, name) {
			continue
		}
		without := feed
		without.Weights = maps.Clone(feed.Weights)
		delete(without.Weights, name)
		without.Learned = slices.DeleteFunc(slices.Clone(feed.Learned), func(n string) bool { return n == name })
		all = append(all, variant{without, Term, name})
	}
	for _, name := range recommend.ActionNames() {
		if w := feed.Actions[name]; w == 0 || name == recommend.Opened.String() {
			continue
		}
		without := feed
		without.Actions = maps.Clone(feed.Actions)
		delete(without.Actions, name)
		all = append(all, variant{without, Action, name})
	}
	return all
}
