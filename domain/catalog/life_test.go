package catalog_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/domain/catalog"
)

// life is an item beside what it ought to be: want is its state said by the rules alone, facts are
// deep copies of what it recorded since it was loaded.
type life struct {
	item  *catalog.FeedItem
	want  catalog.Snapshot
	facts []catalog.Fact
	now   time.Time
}

func TestAnItemKeepsItsPromisesWhateverHappensToIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &life{item: catalog.Unknown("x"), want: catalog.Snapshot{ID: "x"}, now: noon}
		t.Repeat(map[string]func(*rapid.T){
			"":        l.check,
			"publish": l.publish,
			"amend":   l.amend,
			"hide":    l.move((*catalog.FeedItem).Hide, catalog.Hidden, "hidden"),
			"restore": l.move((*catalog.FeedItem).Restore, catalog.Published, "restored"),
			"remove":  l.move((*catalog.FeedItem).Remove, catalog.Removed, "removed"),
			"store": func(*rapid.T) {
				l.item, l.facts = catalog.Recall(copied(l.item.Snapshot())), nil
			},
			"wait": func(t *rapid.T) {
				l.now = l.now.Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "minutes")) * time.Minute)
			},
		})
	})
}

func (l *life) check(t *rapid.T) {
	require.Equal(t, l.want, l.item.Snapshot())
	require.Equal(t, l.exists(), l.item.Exists())
	require.Equal(t, l.want.Number == 0, l.item.NeedsNumber())
	require.Equal(t, len(l.facts), len(l.item.Facts()), "as many facts as changes")
	for i, f := range l.item.Facts() {
		require.Equal(t, l.facts[i], f, "a fact does not change any more")
	}
}

func (l *life) exists() bool {
	return l.want.State == catalog.Published || l.want.State == catalog.Hidden
}

// changed notes a change that has to happen.
func (l *life) changed(fact string, created bool) {
	l.want.Version++
	l.want.ChangedAt = l.now
	l.facts = append(l.facts, catalog.Fact{Item: copied(l.want), Name: fact, Created: created})
}

func (l *life) publish(t *rapid.T) {
	number := catalog.Number(rapid.Uint64Range(0, 3).Draw(t, "number"))
	said := drawDetails(t)
	kept := keep(said)
	if kept.PublishedAt.IsZero() {
		kept.PublishedAt = l.now
		if l.exists() {
			kept.PublishedAt = l.want.Details.PublishedAt
		}
	}

	err := l.item.Publish(number, said, l.now)
	scribble(said)
	switch {
	case tooLong(said):
		refused(t, err, catalog.ErrTooLong, "title")
	case expired(kept):
		refused(t, err, catalog.ErrExpiry, "expires_at")
	case l.want.Number == 0 && number == 0:
		require.ErrorIs(t, err, catalog.ErrNumber)
	case l.exists():
		require.NoError(t, err)
		l.revised(kept)
	default:
		require.NoError(t, err)
		if l.want.Number == 0 {
			l.want.Number = number
		}
		l.want.Details, l.want.State = kept, catalog.Published
		l.changed("published", true)
	}
}

func (l *life) revised(to catalog.Details) {
	if !to.Equal(l.want.Details) {
		l.want.Details = to
		l.changed("revised", false)
	}
}

func (l *life) amend(t *rapid.T) {
	said, kept := drawDetails(t), copied(l.want).Details
	var p catalog.Patch
	named := func(part string) bool { return rapid.Bool().Draw(t, part) }
	if named("title") {
		p.Title, kept.Title = &said.Title, said.Title
	}
	if named("tags") {
		p.Tags, kept.Tags = &said.Tags, keep(said).Tags
	}
	if named("labels") {
		p.Labels, kept.Labels = &said.Labels, keep(said).Labels
	}
	if named("payload") {
		p.Payload, kept.Payload = &said.Payload, keep(said).Payload
	}
	if named("published") {
		p.PublishedAt = &said.PublishedAt
		if !said.PublishedAt.IsZero() {
			kept.PublishedAt = said.PublishedAt
		}
	}
	if named("expires") {
		p.ExpiresAt, kept.ExpiresAt = &said.ExpiresAt, said.ExpiresAt
	}

	err := l.item.Amend(p, l.now)
	scribble(said)
	switch {
	case !l.exists():
		require.ErrorIs(t, err, catalog.ErrItemNotFound)
	case tooLong(kept):
		refused(t, err, catalog.ErrTooLong, "title")
	case expired(kept):
		refused(t, err, catalog.ErrExpiry, "expires_at")
	default:
		require.NoError(t, err)
		l.revised(kept)
	}
}

func (l *life) move(do func(*catalog.FeedItem, time.Time) error, to catalog.State, fact string) func(*rapid.T) {
	return func(t *rapid.T) {
		err := do(l.item, l.now)
		if !l.exists() {
			require.ErrorIs(t, err, catalog.ErrItemNotFound)
			return
		}
		require.NoError(t, err)
		if l.want.State != to {
			l.want.State = to
			l.changed(fact, false)
		}
	}
}

// drawDetails draws from few values, so that many publications say what an earlier one said.
func drawDetails(t *rapid.T) catalog.Details {
	someWords := rapid.SampledFrom([][]string{nil, {}, {"a"}, {"a", "b"}, {"b", "a"}, {"a", "a", "b"}})
	someTime := rapid.SampledFrom([]time.Time{{}, noon.Add(-time.Hour), noon, noon.Add(time.Hour), noon.Add(time.Hour).Add(time.Millisecond)})
	return catalog.Details{
		Title:       rapid.SampledFrom([]string{"", "t", strings.Repeat("t", catalog.MaxTitleBytes), strings.Repeat("t", catalog.MaxTitleBytes+1)}).Draw(t, "title"),
		Tags:        slices.Clone(someWords.Draw(t, "tags")),
		Labels:      slices.Clone(someWords.Draw(t, "labels")),
		Payload:     bytes.Clone(rapid.SampledFrom([][]byte{nil, {}, []byte("{}"), []byte("[]")}).Draw(t, "payload")),
		PublishedAt: someTime.Draw(t, "published"),
		ExpiresAt:   someTime.Draw(t, "expires"),
	}
}

// keep is what an item keeps of details, but for the time of publication: a copy without repeats.
func keep(d catalog.Details) catalog.Details {
	unique := func(words []string) []string {
		var out []string
		for i, w := range words {
			if slices.Index(words, w) == i {
				out = append(out, w)
			}
		}
		return out
	}
	d.Tags, d.Labels = unique(d.Tags), unique(d.Labels)
	if len(d.Payload) == 0 {
		d.Payload = nil
	}
	d.Payload = bytes.Clone(d.Payload)
	return d
}

func copied(s catalog.Snapshot) catalog.Snapshot {
	s.Details = keep(s.Details)
	return s
}

func tooLong(d catalog.Details) bool { return len(d.Title) > catalog.MaxTitleBytes }

func expired(d catalog.Details) bool {
	return !d.ExpiresAt.IsZero() && !d.ExpiresAt.After(d.PublishedAt)
}

// scribble spoils the memory that the caller keeps.
func scribble(d catalog.Details) {
	for _, words := range [][]string{d.Tags, d.Labels} {
		for i := range words {
			words[i] = "scribbled"
		}
	}
	for i := range d.Payload {
		d.Payload[i] = '!'
	}
}
