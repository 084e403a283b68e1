package demo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/domain/catalog"
)

// The size of the catalogue.
const (
	itemCount   = 6000
	authorCount = 300
	spread      = 60 * 24 * time.Hour // over which it was published
)

// author has a style: topics, a language, and how good the work is.
type author struct {
	id      catalog.AuthorID
	topics  []int
	lang    string
	region  string
	quality float64 // 0 to 1
}

// item is what the simulation knows of one, beyond what it publishes.
type item struct {
	draft   publishing.Draft
	topic   int
	quality float64
}

// catalogue is the sample content; it is the same for the same seed and moment.
type catalogue struct {
	items   []item
	byTopic [][]int // places in items
	places  map[catalog.ItemID]int
}

func newCatalogue(seed uint64, now time.Time) *catalogue {
	rng := rand.New(rand.NewPCG(seed, 1))
	authors := make([]author, authorCount)
	for i := range authors {
		authors[i] = newAuthor(i, rng)
	}
	c := &catalogue{items: make([]item, itemCount), byTopic: make([][]int, len(topics)), places: make(map[catalog.ItemID]int, itemCount)}
	for i := range c.items {
		a := &authors[int(float64(authorCount)*rng.Float64()*rng.Float64())] // some publish much more than others
		c.items[i] = newItem(i, a, rng, now)
		c.byTopic[c.items[i].topic] = append(c.byTopic[c.items[i].topic], i)
		c.places[c.items[i].draft.ID] = i
	}
	return c
}

func newAuthor(i int, rng *rand.Rand) author {
	a := author{id: catalog.AuthorID(fmt.Sprintf("author-%03d", i+1)), quality: 0.2 + 0.8*rng.Float64()}
	a.topics = append(a.topics, i%len(topics)) // every topic has its authors
	if other := rng.IntN(len(topics)); other != a.topics[0] && rng.Float64() < 0.4 {
		a.topics = append(a.topics, other)
	}
	at := rng.Float64()
	for _, l := range languages {
		if a.lang, a.region = l.code, l.regions[rng.IntN(len(l.regions))]; at < l.share {
			break
		}
		at -= l.share
	}
	return a
}

func newItem(i int, a *author, rng *rand.Rand, now time.Time) item {
	t := a.topics[0]
	if len(a.topics) > 1 && rng.Float64() < 0.3 {
		t = a.topics[1]
	}
	name := fmt.Sprintf("demo-%05d", i+1)
	age := time.Duration(rng.Float64() * float64(spread))
	return item{
		topic: t, quality: min(1, max(0, a.quality+0.2*rng.NormFloat64())),
		draft: publishing.Draft{ID: catalog.ItemID(name), Details: catalog.Details{
			Author: a.id, Title: title(&topics[t], a.lang, rng), Tags: tags(&topics[t], rng), Lang: a.lang, Region: a.region,
			Duration:    time.Duration(8+rng.IntN(172)) * time.Second,
			PublishedAt: now.Add(-age).Truncate(time.Millisecond),
			Payload:     fmt.Appendf(nil, `{"play_url":"https://cdn.example.com/v/%s.mp4","cover_url":"https://cdn.example.com/c/%s.jpg"}`, name, name),
		}},
	}
}

func title(t *topic, lang string, rng *rand.Rand) string {
	pattern := patterns[lang][rng.IntN(len(patterns[lang]))]
	words := t.words[lang]
	word := words[rng.IntN(len(words))]
	if lang != "zh" && strings.HasPrefix(pattern, "%s") {
		first, size := utf8.DecodeRuneInString(word)
		word = string(unicode.ToUpper(first)) + word[size:]
	}
	if strings.Contains(pattern, "%d") {
		return fmt.Sprintf(pattern, word, 2+rng.IntN(29))
	}
	return fmt.Sprintf(pattern, word)
}

func tags(t *topic, rng *rand.Rand) []string {
	parts := slices.Clone(t.parts)
	rng.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	return append([]string{t.tag}, parts[:1+rng.IntN(2)]...)
}
