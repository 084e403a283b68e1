package memindex

import (
	"slices"

	"golang.org/x/text/unicode/norm"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// maxVocabulary is how many words are ever known, some 150 MB of them at most; items that come later have none of
// the words after those. What titles no longer say stays known.
const maxVocabulary = 1_000_000

// A word that more than one item in commonShare has, and more than commonLeast, has no shelf any more: it says
// nothing, and its shelf would take as much as a tag's.
const (
	commonShare = 20
	commonLeast = 4096
)

func tooCommon(carriers, live int) bool { return carriers > commonLeast && carriers > live/commonShare }

// crowded is the shelf of a word that has none.
var crowded = &node{}

// words are the words of titles.
type words struct {
	most     int           // words ever known: maxVocabulary
	carriers draft[uint32] // published items, by term
	found    []string
	terms    []recommend.Term
}

func (w *words) begin(known int) { w.carriers.begin(known) }

// wordsOf are the terms of an item's title, valid until the next call.
func (x *Index) wordsOf(s *catalog.Snapshot) []recommend.Term {
	w := &x.words
	w.found, w.terms = w.found[:0], w.terms[:0]
	if s.State != catalog.Removed {
		w.found = recommend.Words(norm.NFKC.String(s.Details.Title), w.found)
	}
	names := &x.names[recommend.WordField]
	for _, word := range w.found {
		if len(names.list) > w.most {
			known := names.readable()
			if t := known.term(hashOf(x.seed, word), word); t != 0 {
				w.terms = append(w.terms, t)
			}
			continue
		}
		first := len(names.list)
		w.terms = append(w.terms, x.term(recommend.WordField, word))
		for ; first < len(names.list); first++ {
			w.carriers.set(uint32(first), 0)
		}
	}
	clear(w.found) // they hold on to titles
	return w.terms
}

// recount brings up to date how many published items have each word, before e takes the place of old.
func (x *Index) recount(old, e *entry) {
	add := func(of, but *entry, by uint32) {
		if of == nil || of.State != catalog.Published {
			return
		}
		for _, t := range of.Words {
			if but == nil || but.State != catalog.Published || !slices.Contains(but.Words, t) {
				n := x.words.carriers.get(uint32(t)) + by
				x.words.carriers.set(uint32(t), n)
				if shelves := &x.shelves[recommend.WordField]; tooCommon(int(n), x.live) && shelves.get(uint32(t)) != crowded {
					shelves.set(uint32(t), crowded)
				}
			}
		}
	}
	add(old, e, ^uint32(0))
	add(e, old, 1)
}
