package recommendtest

import (
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// scene is a mind and the log that teaches it.
type scene struct {
	Mind
	offset uint64
}

func stage(m Mind, items int) *scene {
	batch := make([]catalog.Snapshot, items)
	for n := range batch {
		batch[n] = item(catalog.ItemID("i"+itoa(n)), catalog.Number(n+1))
		batch[n].Details.Tags = []string{"tag-" + itoa(n%3)}
		batch[n].Details.Author = catalog.AuthorID("author-" + itoa(n%5))
	}
	m.Catalogue().Apply(batch)
	return &scene{Mind: m}
}

func (s *scene) do(viewer string, act audience.Act, n int, at time.Time) {
	s.offset++
	s.Learn([]Deed{{Offset: s.offset, Viewer: audience.ViewerID(viewer), Act: act, Item: catalog.ItemID("i" + itoa(n)), At: at}})
}

// session lets a viewer like items one after another.
func (s *scene) session(viewer string, at time.Time, items ...int) {
	for k, n := range items {
		s.do(viewer, audience.Like, n, at.Add(time.Duration(k)*time.Minute))
	}
}

func (s *scene) at(n int) recommend.Ordinal {
	return locate(s.Catalogue().View(), catalog.ItemID("i"+itoa(n)))
}

func (s *scene) popularity(n int, now time.Time) float32 {
	var into [1]float32
	s.Popularity([]recommend.Ordinal{s.at(n)}, now, into[:])
	return into[0]
}

func (s *scene) fame(n int, now time.Time) recommend.Fame {
	var into [1]recommend.Fame
	s.Fame([]recommend.Ordinal{s.at(n)}, now, into[:])
	return into[0]
}

func (s *scene) trial(n int) recommend.Trial {
	var into [1]recommend.Trial
	s.Trials([]recommend.Ordinal{s.at(n)}, into[:])
	return into[0]
}

func (s *scene) strength(from, to int) float32 {
	for _, l := range s.After([]recommend.Ordinal{s.at(from)}, 100, nil) {
		if l.To == s.at(to) {
			return l.Strength
		}
	}
	return 0
}

func (s *scene) trending(shelf recommend.Shelf, now time.Time, skip, n int) []catalog.ItemID {
	into := make([]recommend.Ordinal, n)
	return idsOf(s.Catalogue().View(), into[:s.Trending(shelf, now, skip, into)])
}

func (s *scene) shelf(f recommend.Field, name string) recommend.Shelf {
	return recommend.Shelf{Field: f, Term: term(s.Catalogue().View(), f, name)}
}

// answers is all that is known of the first n items, by id, at now.
func (s *scene) answers(n int, now time.Time) map[string]any {
	out := map[string]any{"model": s.Model()}
	for i := range n {
		id := "i" + itoa(i)
		links := map[catalog.ItemID]float32{}
		for _, l := range s.After([]recommend.Ordinal{s.at(i)}, 1000, nil) {
			links[idsOf(s.Catalogue().View(), []recommend.Ordinal{l.To})[0]] = l.Strength
		}
		item, author, all := s.outcomes(i)
		out[id] = []any{s.popularity(i, now), s.trial(i), links, item, author, all}
	}
	for _, shelf := range []recommend.Shelf{recommend.Everything, s.shelf(recommend.TagField, "tag-1"),
		s.shelf(recommend.LangField, "en"), s.shelf(recommend.RegionField, "DE"), s.shelf(recommend.AuthorField, "author-2")} {
		name := s.Catalogue().View().Name(shelf.Field, shelf.Term)
		out["trending "+itoa(int(shelf.Field))+name] = s.trending(shelf, now, 0, n)
	}
	return out
}
