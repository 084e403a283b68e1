package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

var noon = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func TestOneSeedGivesOneWorld(t *testing.T) {
	world := func(seed uint64) (*catalogue, []engagement.Event) {
		s := newStage(Service{}, seed, io.Discard, func() time.Time { return noon })
		return s.content, history(s.content, s.viewers, noon)
	}
	c, h := world(7)
	c2, h2 := world(7)
	require.Equal(t, c.items, c2.items)
	require.Equal(t, h, h2)
	c3, h3 := world(8)
	require.NotEqual(t, c.items, c3.items)
	require.NotEqual(t, h, h3)
}

func TestTheCatalogueIsWhatItSays(t *testing.T) {
	c := newCatalogue(Seed, noon)
	require.Len(t, c.items, 6000)
	langs, regions, authors := map[string]int{}, map[string]int{}, map[catalog.AuthorID]int{}
	for i := range c.items {
		d := c.items[i].draft.Details
		require.NoError(t, d.Check())
		require.NoError(t, catalog.CheckID(string(c.items[i].draft.ID)))
		require.True(t, json.Valid(d.Payload))
		require.Contains(t, d.Tags, topics[c.items[i].topic].tag)
		require.False(t, d.PublishedAt.After(noon) || d.PublishedAt.Before(noon.Add(-spread)))
		require.NotContains(t, d.Title, "%!")
		langs[d.Lang]++
		regions[d.Region]++
		authors[d.Author]++
	}
	require.Len(t, langs, 3)
	for _, n := range langs {
		require.Greater(t, n, 300)
	}
	require.GreaterOrEqual(t, len(regions), 8)
	require.Greater(t, len(authors), 200)
	for topic, places := range c.byTopic {
		require.Greater(t, len(places), 50, topics[topic].tag)
	}
}

func TestTheHistoryMayEnterTheLog(t *testing.T) {
	c := newCatalogue(Seed, noon)
	var viewers []*viewer
	for i := range viewerCount {
		viewers = append(viewers, newViewer(Seed, i))
	}
	ids := map[engagement.EventID]bool{}
	for _, e := range history(c, viewers, noon) {
		require.NoError(t, e.Check(noon))
		require.False(t, ids[e.ID], "each event has its own id")
		require.False(t, e.At.After(noon))
		ids[e.ID] = true
	}
	require.Greater(t, len(ids), viewerCount*metEach)
}

func TestPagesHoldMoreOfTheHiddenTasteThanChance(t *testing.T) {
	service, learn := open(t)
	var out bytes.Buffer
	s := newStage(service, Seed, &out, time.Now)
	require.NoError(t, s.set(t.Context()))
	learn()

	chance, share := 0.0, 0.0
	const asked = 40
	for _, v := range s.viewers[:asked] {
		for _, topic := range v.loved {
			chance += float64(len(s.content.byTopic[topic])) / itemCount / asked
		}
		page, err := s.Serving.Serve(t.Context(), serving.Request{Feed: "for-you", Viewer: v.id})
		require.NoError(t, err)
		require.Len(t, page.Items, 20)
		loved := 0.0
		for _, shown := range page.Items {
			if v.pleasure(&s.content.items[s.content.places[shown.Item]]) > 0.3 {
				loved++
			}
		}
		share += loved / 20 / asked
	}
	t.Logf("chance %.3f, pages %.3f", chance, share)
	require.Greater(t, share, 2.5*chance)

	t.Run("and viewers go on from page to page", func(t *testing.T) {
		visit := &visit{}
		for range 12 {
			require.NoError(t, s.watch(t.Context(), visit))
			require.Positive(t, visit.pages)
			require.LessOrEqual(t, visit.pages, mostPages)
		}
	})
	t.Run("and a second start finds everything there", func(t *testing.T) {
		out.Reset()
		require.NoError(t, newStage(service, Seed, &out, time.Now).set(t.Context()))
		require.Equal(t, "The sample catalogue is there already.\n", out.String())
	})
	t.Run("and it runs until it is stopped", func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), pace+time.Second)
		defer stop()
		out.Reset()
		require.NoError(t, Run(ctx, service, &out))
		require.Contains(t, out.String(), "Freshet is ready.")
		require.NotContains(t, out.String(), "viewers are waiting")
	})
}

func TestTheGuideCanBeCopied(t *testing.T) {
	var out bytes.Buffer
	s := newStage(Service{HTTP: "0.0.0.0:8080", Admin: "[::]:81", RPC: "10.0.0.1:9090"}, Seed, &out, func() time.Time { return noon })
	s.guide()
	text := out.String()
	require.NotContains(t, text, "%!")
	curls := regexp.MustCompile(`(?m)^  curl .*$`).FindAllString(text, -1)
	require.Len(t, curls, 3)
	require.Contains(t, curls[0], "'http://127.0.0.1:8080/v1/feeds/for-you?viewer=viewer-001&limit=10&explain=user'")
	require.Contains(t, text, "http://127.0.0.1:8080/docs")
	require.Contains(t, text, "http://127.0.0.1:81\n")
	require.Contains(t, text, " 10.0.0.1:9090\n")
	for _, c := range curls[1:] {
		body := regexp.MustCompile(`-d '([^']*)'`).FindStringSubmatch(c)
		require.True(t, json.Valid([]byte(body[1])), body[1])
	}
	require.True(t, strings.Contains(curls[2], "/v1/viewers/viewer-001/tuning/tag/"))
}
