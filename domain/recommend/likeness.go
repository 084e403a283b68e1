package recommend

import "math"

// How many of the items liked last others are compared with, and what each counts by how many were liked since.
const (
	likenessLength = 10
	likenessDecay  = 0.8
)

// likeness is how much items have in common with liked ones: the mean, over the liked items, of the cosine between
// the words, tags and author of both. On the liked side each counts the more the fewer items carry it (inverse document
// frequency), on the other all count the same: the scheme lnc.ltc (Manning, Raghavan and Schütze 2008, 6.4), which
// asks nothing of the index for each candidate.
type likeness struct{ terms table }

// trait is one word, tag or author of an item: the shelf of it, how many items are there, and what it says.
type trait struct {
	shelf   Shelf
	carried uint32
	weight  float32
}

// carrierKey is a term of any field.
func carrierKey(f Field, t Term) uint64 { return uint64(f)<<32 | uint64(t) }

// learnLikeness compares what is liked with the rest.
func (r *run) learnLikeness() {
	r.likeness.terms.reset(256)
	if r.counts(fSimilarity, fSimilar) {
		r.likeness.like(r, r.liked)
	}
}

// like takes the place of what was known before: past likes, newest first.
func (l *likeness) like(r *run, liked []past) {
	l.terms.reset(256)
	if len(liked) == 0 {
		return
	}
	liked = liked[:min(len(liked), likenessLength)]
	var total, weight float32 = 0, 1
	for k := range liked {
		total += weight * liked[k].worth
		weight *= likenessDecay
	}
	weight = 1
	for k := range liked {
		r.told = r.tell(liked[k].traits, r.told[:0])
		for _, t := range r.told {
			l.terms.add(carrierKey(t.shelf.Field, t.shelf.Term), t.weight*weight*liked[k].worth/total)
		}
		weight *= likenessDecay
	}
}

// of is how much the item has in common with the liked ones, 0 to 1.
func (l *likeness) of(t *Traits) float32 {
	if l.terms.n == 0 {
		return 0
	}
	var sum float32
	n := len(t.Words) + len(t.Tags)
	for _, w := range t.Words {
		sum += l.terms.get(carrierKey(WordField, w))
	}
	for _, tag := range t.Tags {
		sum += l.terms.get(carrierKey(TagField, tag))
	}
	if t.Author != 0 {
		sum += l.terms.get(carrierKey(AuthorField, t.Author))
		n++
	}
	if sum == 0 {
		return 0
	}
	return min(1, sum/float32(math.Sqrt(float64(n))))
}

// tell appends an item's words, tags and author. The squares of their weights add up to 1, or they are all 0.
func (r *run) tell(t *Traits, into []trait) []trait {
	from := len(into)
	into = r.tellOf(WordField, t.Words, into)
	into = r.tellOf(TagField, t.Tags, into)
	if t.Author != 0 {
		r.terms = append(r.terms[:0], t.Author)
		into = r.tellOf(AuthorField, r.terms, into)
	}
	var squares float64
	for _, x := range into[from:] {
		squares += float64(x.weight) * float64(x.weight)
	}
	if squares > 0 {
		norm := float32(1 / math.Sqrt(squares))
		for i := range into[from:] {
			into[from+i].weight *= norm
		}
	}
	return into
}

func (r *run) tellOf(f Field, terms []Term, into []trait) []trait {
	r.carried = sized(r.carried, len(terms))
	r.view.Carriers(f, terms, r.carried)
	all := float64(1 + r.view.Len())
	for i, t := range terms {
		rarity := max(0, Log(all/(1+float64(r.carried[i]))))
		if r.carried[i] < 2 {
			rarity = 0
		}
		into = append(into, trait{Shelf{Field: f, Term: t}, r.carried[i], float32(rarity)})
	}
	return into
}
