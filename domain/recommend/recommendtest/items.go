package recommendtest

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func itoa(n int) string { return strconv.Itoa(n) }

func item(id catalog.ItemID, number catalog.Number) catalog.Snapshot {
	return catalog.Snapshot{ID: id, Number: number, State: catalog.Published, Version: 1, ChangedAt: noon,
		Details: catalog.Details{Author: "author", Tags: []string{"tag"}, Lang: "en", Region: "DE", PublishedAt: noon}}
}

// random is the n-th item of an arbitrary catalogue, which has many ties and few terms.
func random(n int, version uint64) catalog.Snapshot {
	r := rand.New(rand.NewPCG(uint64(n), version))
	s := item(catalog.ItemID("item-"+itoa(n)), catalog.Number(n+1))
	s.Version, s.State = version, catalog.State(1+r.IntN(3))
	if r.IntN(2) == 0 {
		s.State = catalog.Published
	}
	s.Details.Author = catalog.AuthorID("author-" + itoa(r.IntN(9)))
	s.Details.Tags = nil
	for _, t := range r.Perm(6)[:r.IntN(4)] {
		s.Details.Tags = append(s.Details.Tags, "tag-"+itoa(t))
	}
	s.Details.Lang = []string{"", "en", "zh"}[r.IntN(3)]
	s.Details.Region = []string{"", "DE", "CN"}[r.IntN(3)]
	s.Details.Title = "title " + itoa(r.IntN(99))
	if r.IntN(2) == 0 {
		s.Details.Title += " " + []string{"Été", "雪山", "été 雪"}[r.IntN(3)]
	}
	s.Details.PublishedAt = noon.Add(-time.Duration(r.IntN(50)) * time.Hour)
	return s
}

func drawn(r *rapid.T, n int, version uint64) catalog.Snapshot {
	s := random(n, uint64(rapid.IntRange(0, 1<<20).Draw(r, "seed")))
	s.Version = version
	return s
}

// fullItems use every part of an item, up to its limits.
func fullItems() []catalog.Snapshot {
	s := item("every-part", 1<<53-1)
	s.ChangedAt = noon.Add(time.Millisecond)
	s.Details = catalog.Details{Author: "a", Title: "ünï\ncödé", Tags: []string{"z", "a", "m"}, Lang: "zh-Hant", Region: "TW",
		Labels: []string{"18+", "a"}, Duration: 90 * time.Second, PublishedAt: noon, ExpiresAt: noon.Add(time.Hour),
		Payload: []byte(`{"a":[1,2,3]}`)}
	long := item(catalog.ItemID(filled(catalog.MaxIDBytes)), 2)
	long.Details.Title = filled(catalog.MaxTitleBytes)
	long.Details.Payload = []byte(filled(catalog.MaxPayloadBytes))
	long.Details.Duration = catalog.MaxDuration
	long.Details.PublishedAt, long.Details.ExpiresAt = catalog.Earliest, time.Unix(0, 0).UTC()
	hidden := item("hidden", 3)
	hidden.State, hidden.Version = catalog.Hidden, 1<<40
	hidden.Details.PublishedAt = time.Unix(0, 0).UTC()
	return []catalog.Snapshot{s, long, hidden}
}

func filled(n int) string { return string(slices.Repeat([]byte{'x'}, n)) }

func locate(v recommend.View, id catalog.ItemID) recommend.Ordinal {
	var at [1]recommend.Ordinal
	v.Locate([]catalog.ItemID{id}, at[:])
	return at[0]
}

func describe(v recommend.View, id catalog.ItemID) *recommend.Traits {
	var t [1]*recommend.Traits
	v.Describe([]recommend.Ordinal{locate(v, id)}, t[:])
	return t[0]
}

func whole(v recommend.View, id catalog.ItemID) *catalog.Snapshot {
	var s [1]*catalog.Snapshot
	v.Items([]recommend.Ordinal{locate(v, id)}, s[:])
	return s[0]
}

func term(v recommend.View, f recommend.Field, name string) recommend.Term {
	var t [1]recommend.Term
	v.Terms(f, []string{name}, t[:])
	return t[0]
}

func carriers(v recommend.View, f recommend.Field, t recommend.Term) int {
	into := [1]uint32{99}
	v.Carriers(f, []recommend.Term{t}, into[:])
	return int(into[0])
}

func namesOf(v recommend.View, f recommend.Field, terms []recommend.Term) (names []string) {
	for _, t := range terms {
		names = append(names, v.Name(f, t))
	}
	return names
}

func idsOf(v recommend.View, at []recommend.Ordinal) []catalog.ItemID {
	ids := make([]catalog.ItemID, len(at))
	v.IDs(at, ids)
	return ids
}

func newest(v recommend.View, s recommend.Shelf, skip, n int) []catalog.ItemID {
	into := make([]recommend.Ordinal, n)
	return idsOf(v, into[:v.Newest(s, skip, into)])
}

// published walks the whole shelf and leaves out what is hidden or removed, which may be on it.
func published(v recommend.View, s recommend.Shelf) []catalog.ItemID {
	ids := []catalog.ItemID{}
	for _, id := range newest(v, s, 0, v.Len()+1) {
		if describe(v, id).State == catalog.Published {
			ids = append(ids, id)
		}
	}
	return ids
}

// dump is all that a view shows, without what may differ between two indexes that hold the same.
func dump(v recommend.View) map[string]any {
	out := map[string]any{}
	for o := range v.Len() {
		var s [1]*catalog.Snapshot
		v.Items([]recommend.Ordinal{recommend.Ordinal(o)}, s[:])
		if s[0].State == catalog.Removed {
			out[string(s[0].ID)] = s[0].Version // an index may keep no more of it
			continue
		}
		out[string(s[0].ID)] = *s[0]
	}
	for name, s := range shelves(v) {
		if ids := published(v, s); len(ids) > 0 {
			out["shelf "+name] = ids
		}
		if n := carriers(v, s.Field, s.Term); n > 0 {
			out["carriers "+name] = n
		}
	}
	return out
}

func shelves(v recommend.View) map[string]recommend.Shelf {
	out := map[string]recommend.Shelf{"everything": recommend.Everything}
	for f, names := range map[recommend.Field][]string{
		recommend.AuthorField: {"author-0", "author-1", "author-2", "author-8"},
		recommend.TagField:    {"tag-0", "tag-1", "tag-2", "tag-3", "tag-4", "tag-5"},
		recommend.WordField:   {"title", "10", "11", "42", "été", "雪山", "雪"},
		recommend.LangField:   {"en", "zh"}, recommend.RegionField: {"DE", "CN"},
	} {
		for _, name := range names {
			if t := term(v, f, name); t != 0 {
				out[itoa(int(f))+"/"+name] = recommend.Shelf{Field: f, Term: t}
			}
		}
	}
	return out
}

// checkShelves compares every shelf with a sort of what it should hold.
func checkShelves(t require.TestingT, v recommend.View, now map[catalog.ItemID]catalog.Snapshot, skip, n int) {
	for name, s := range shelves(v) {
		var want []catalog.Snapshot
		for _, i := range now {
			if i.State == catalog.Published && belongs(v, &i, s) {
				want = append(want, i)
			}
		}
		slices.SortFunc(want, func(a, b catalog.Snapshot) int {
			return cmp.Or(b.Details.PublishedAt.Compare(a.Details.PublishedAt), cmp.Compare(b.Number, a.Number))
		})
		ids := []catalog.ItemID{}
		for _, i := range want {
			ids = append(ids, i.ID)
		}
		require.Equal(t, ids, published(v, s), name)
		if !s.All {
			require.Equal(t, len(ids), carriers(v, s.Field, s.Term), name)
		}
		all := newest(v, s, 0, v.Len()+1)
		require.Equal(t, all[min(skip, len(all)):min(skip+n, len(all))], newest(v, s, skip, n), name)
	}
}

func belongs(v recommend.View, i *catalog.Snapshot, s recommend.Shelf) bool {
	name := v.Name(s.Field, s.Term)
	switch {
	case s.All:
		return true
	case s.Field == recommend.AuthorField:
		return string(i.Details.Author) == name
	case s.Field == recommend.LangField:
		return i.Details.Lang == name
	case s.Field == recommend.RegionField:
		return i.Details.Region == name
	}
	if s.Field == recommend.WordField {
		return slices.Contains(recommend.Words(i.Details.Title, nil), name)
	}
	return slices.Contains(i.Details.Tags, name)
}
