package redisstore

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/experiment"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
)

// The forms of what sessions and exposures hold. A reader takes no other.
const (
	visitForm = 1
	pageForm  = 3
)

func appendVisit(b []byte, v *feed.Visit) []byte {
	b = append(b, visitForm)
	b = appendText(b, v.ID)
	b = appendText(b, v.Viewer)
	b = appendText(b, v.Feed)
	b = appendText(b, v.Definition)
	b = appendText(b, v.Narrowing.Tag)
	b = appendText(b, v.Narrowing.Lang)
	b = appendText(b, v.Narrowing.Region)
	b = appendText(b, v.Narrowing.Anchor)
	b = binary.BigEndian.AppendUint64(b, v.Seed)
	b = appendTime(b, v.StartedAt)
	b = appendTime(b, v.ExpiresAt)
	b = binary.AppendUvarint(b, uint64(len(v.Assignments)))
	for _, a := range v.Assignments {
		b = appendText(b, a.Layer)
		b = appendText(b, a.Variant)
	}
	return b
}

func decodeVisit(s string) (v feed.Visit, ok bool) {
	r := scanner{s: s}
	if r.byte() != visitForm {
		return feed.Visit{}, false
	}
	v = feed.Visit{
		ID: feed.SessionID(r.text()), Viewer: audience.ViewerID(r.text()), Feed: r.text(), Definition: r.text(),
		Narrowing: feed.Narrowing{Tag: r.text(), Lang: r.text(), Region: r.text(), Anchor: catalog.ItemID(r.text())},
		Seed:      r.uint64(), StartedAt: r.time(), ExpiresAt: r.time(),
	}
	if n := r.count(2); n > 0 {
		v.Assignments = make([]experiment.Assignment, n)
		for i := range v.Assignments {
			v.Assignments[i] = experiment.Assignment{Layer: r.text(), Variant: r.text()}
		}
	}
	return v, r.done()
}

// appendPage writes the names of sources once and then their places in that list, since every item
// of a page repeats them.
func appendPage(b []byte, p *feed.Page) []byte {
	names := make([]string, 0, 16)
	index := func(name string) uint64 {
		i := slices.Index(names, name)
		if i < 0 {
			i, names = len(names), append(names, name)
		}
		return uint64(i)
	}
	for i := range p.Items {
		index(p.Items[i].Reason.Source)
		for _, s := range p.Items[i].Sources {
			index(s)
		}
	}

	last := byte(0)
	if p.Last {
		last = 1
	}
	b = append(b, pageForm, last)
	b = binary.AppendUvarint(b, uint64(p.Number))
	b = binary.AppendUvarint(b, uint64(p.First))
	b = binary.AppendUvarint(b, uint64(p.Want))
	b = appendTime(b, p.ServedAt)
	b = appendText(b, p.Rung)
	b = appendTexts(b, p.Relaxed)
	b = appendTexts(b, p.Skipped)
	b = appendTexts(b, p.Exclude)
	b = appendText(b, p.Inputs.Config)
	b = binary.AppendUvarint(b, p.Inputs.Catalogue)
	b = binary.AppendUvarint(b, p.Inputs.Model)
	b = binary.AppendUvarint(b, p.Inputs.Trained)
	b = binary.BigEndian.AppendUint64(b, p.Inputs.Weights)
	b = binary.BigEndian.AppendUint64(b, p.Inputs.Viewer)
	b = appendTexts(b, names)
	b = binary.AppendUvarint(b, uint64(len(p.Items)))
	for i := range p.Items {
		it := &p.Items[i]
		b = appendText(b, it.Item)
		b = binary.AppendUvarint(b, uint64(it.Number))
		b = appendText(b, it.Author)
		b = binary.BigEndian.AppendUint32(b, math.Float32bits(it.Score))
		b = binary.AppendUvarint(b, index(it.Reason.Source))
		b = appendText(b, it.Reason.Because)
		b = binary.AppendUvarint(b, uint64(len(it.Sources)))
		for _, s := range it.Sources {
			b = binary.AppendUvarint(b, index(s))
		}
		b = binary.AppendUvarint(b, uint64(it.RankBefore))
		b = binary.BigEndian.AppendUint32(b, math.Float32bits(it.Chance))
	}
	return b
}

const (
	smallestItem    = 14 // bytes of an item whose texts are empty
	sourcesOfAnItem = 3  // that there is room for at first
)

func decodePage(s string) (p feed.Page, ok bool) {
	r := scanner{s: s}
	if r.byte() != pageForm {
		return feed.Page{}, false
	}
	p = feed.Page{
		Last: r.byte() != 0, Number: r.int(), First: r.int(), Want: r.int(), ServedAt: r.time(),
		Rung: feed.Rung(r.text()), Relaxed: r.texts(), Skipped: r.texts(), Exclude: textsAs[catalog.ItemID](&r),
		Inputs: feed.Inputs{
			Config: r.text(), Catalogue: r.uvarint(), Model: r.uvarint(), Trained: r.uvarint(), Weights: r.uint64(), Viewer: r.uint64(),
		},
	}
	names := r.texts()
	name := func() string {
		if i := r.uvarint(); i < uint64(len(names)) {
			return names[i]
		}
		r.fail()
		return ""
	}
	if n := r.count(smallestItem); n > 0 {
		p.Items = make([]feed.Placement, n)
	}
	var sources []string // of all items, as far as there is room
	for i := range p.Items {
		it := &p.Items[i]
		it.Item, it.Number, it.Author = catalog.ItemID(r.text()), catalog.Number(r.uvarint()), catalog.AuthorID(r.text())
		it.Score = math.Float32frombits(r.uint32())
		it.Reason = recommend.Reason{Source: name(), Because: r.text()}
		if n := r.count(1); n > 0 {
			if n > cap(sources)-len(sources) {
				sources = make([]string, 0, max(n, sourcesOfAnItem*(len(p.Items)-i)))
			}
			from := len(sources)
			for range n {
				sources = append(sources, name())
			}
			it.Sources = sources[from:len(sources):len(sources)]
		}
		it.RankBefore = r.int()
		it.Chance = math.Float32frombits(r.uint32())
	}
	return p, r.done()
}

func appendNumbers(b []byte, numbers []catalog.Number) []byte {
	for _, n := range numbers {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return b
}

// decodeNumbers appends what appendNumbers wrote.
func decodeNumbers(numbers []catalog.Number, s string) (_ []catalog.Number, ok bool) {
	r := scanner{s: s}
	for r.s != "" {
		numbers = append(numbers, catalog.Number(r.uvarint()))
	}
	return numbers, r.done()
}
