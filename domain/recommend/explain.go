package recommend

import (
	"math"
	"slices"

	"github.com/freshet/freshet/domain/catalog"
)

func (a *arranger) items(ords []Ordinal) []*catalog.Snapshot {
	for k := range a.picks {
		ords[k] = a.pool.list[a.picks[k].place].at
	}
	items := make([]*catalog.Snapshot, len(ords))
	a.view.Items(ords, items)
	return items
}

// lead names what the place was kept for, or else the source that spoke loudest, and what it rested on.
func (a *arranger) lead(p *pick) (source string, why because) {
	c := &a.pool.list[p.place]
	if p.kept == forPin {
		return Pinned, because{}
	}
	if f, ok := p.kept.source(); ok && f != c.lead {
		return featureNames[f], a.pool.why(p.place, f)
	}
	return featureNames[c.lead], c.because
}

// reasons are those of the picks, in order. All that they rest on is one string's parts.
func (a *arranger) reasons(into []Reason) []Reason {
	a.text = a.text[:0]
	a.ends = sized(a.ends, len(a.picks))
	for k := range a.picks {
		source, why := a.lead(&a.picks[k])
		into = append(into, Reason{Source: source})
		a.restsOn(why)
		a.ends[k] = len(a.text)
	}
	text, from := string(a.text), 0
	for k, end := range a.ends {
		into[k].Because, from = text[from:end], end
	}
	return into
}

// restsOn writes what a reason rests on. An item that is hidden or removed is not named: then the source alone is the reason.
func (a *arranger) restsOn(b because) {
	if b.kind == becauseHabit {
		b = a.habitOf(Ordinal(b.ref))
	}
	switch b.kind {
	case becauseItem:
		item := &a.named
		item.at[0] = Ordinal(b.ref)
		a.view.Describe(item.at[:], item.traits[:])
		if t := item.traits[0]; t != nil && t.State == catalog.Published {
			a.view.IDs(item.at[:], item.id[:])
			a.text = append(append(a.text, "item:"...), item.id[0]...)
		}
	case becauseAuthor:
		a.text = append(append(a.text, "author:"...), a.view.Name(AuthorField, Term(b.ref))...)
	case becauseTag:
		a.text = append(append(a.text, "tag:"...), a.view.Name(TagField, Term(b.ref))...)
	case becauseLang:
		a.text = append(append(a.text, "lang:"...), a.view.Name(LangField, Term(b.ref))...)
	case becauseRegion:
		a.text = append(append(a.text, "region:"...), a.view.Name(RegionField, Term(b.ref))...)
	}
}

// sourcesOf appends what proposed the candidate: first the one that the reason names, then the loudest.
func (a *arranger) sourcesOf(p *pick, reason string, names []string) []string {
	c := &a.pool.list[p.place]
	names = append(names, reason)
	if lead := featureNames[c.lead]; c.from != 0 && lead != reason {
		names = append(names, lead)
	}
	for f := range numSources {
		if f != c.lead && c.from&(1<<f) != 0 && featureNames[f] != reason {
			names = append(names, featureNames[f])
		}
	}
	return names
}

// termsFor lists what the candidate's value is made of, and what arrangement took off.
func (a *arranger) termsFor(c *candidate) []ScoreTerm {
	var terms []ScoreTerm
	for _, f := range a.standingFeatures {
		if v := a.standings.of(c, f); v != 0 && a.weights[f] != 0 {
			terms = append(terms, ScoreTerm{featureNames[f], v, a.weights[f]})
		}
	}
	if c.gain != 0 {
		terms = append(terms, ScoreTerm{actionsTerm, c.gain, 1})
	}
	for _, f := range a.adjustments {
		if v := c.features[f]; v != 0 && a.weights[f] != 0 {
			terms = append(terms, ScoreTerm{featureNames[f], v, a.spread * a.weights[f]})
		}
	}
	return slices.Clip(terms)
}

// actionsTerm names what the predicted actions add to a value; it is no feature.
const actionsTerm = "actions"

// likelihood is the logarithm of the sum that makes the chances of being opened of all eligible candidates add up to 1.
func (a *arranger) likelihood() float64 {
	top, sum := math.Inf(-1), 0.0
	for i := range a.pool.list {
		if c := &a.pool.list[i]; c.dropped == kept {
			top = max(top, float64(a.appeal(c)))
		}
	}
	for i := range a.pool.list {
		if c := &a.pool.list[i]; c.dropped == kept {
			sum += math.Exp(float64(a.appeal(c)) - top)
		}
	}
	return top + math.Log(sum)
}

// actionsFor lists the predicted actions for the candidate at a place of the pool.
func (a *arranger) actionsFor(place int, all float64) []ActionTerm {
	open := float32(min(1, math.Exp(float64(a.appeal(&a.pool.list[place]))-all)))
	terms := make([]ActionTerm, 1, 1+len(a.stakes.counts))
	terms[0] = ActionTerm{Opened.String(), open, a.stakes.each[Opened]}
	for _, o := range a.stakes.counts {
		terms = append(terms, ActionTerm{o.String(), open * a.foreseen[place][o], a.stakes.each[o]})
	}
	return terms
}

// drops counts, by filter, the items that sources proposed or would have proposed.
func (a *arranger) drops() map[string]int {
	for i := range a.pool.list {
		a.passOver(a.pool.list[i].at, a.pool.list[i].dropped)
	}
	counts := map[string]int{}
	for _, s := range a.passed.slots {
		if d := filterID(s.val); s.stamp == a.passed.stamp && d != kept {
			counts[filterNames[d]]++
		}
	}
	return counts
}
