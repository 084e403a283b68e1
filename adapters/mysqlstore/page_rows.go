package mysqlstore

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/experiment"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
)

// storedVisit is the stored shape of feed.Visit.
type storedVisit struct {
	ID          feed.SessionID     `json:"id"`
	Viewer      audience.ViewerID  `json:"viewer"`
	Feed        string             `json:"feed"`
	Definition  string             `json:"definition"`
	Tag         string             `json:"tag,omitempty"`
	Lang        string             `json:"lang,omitempty"`
	Region      string             `json:"region,omitempty"`
	Anchor      catalog.ItemID     `json:"anchor,omitempty"`
	Seed        uint64             `json:"seed"`
	StartedAt   *int64             `json:"started_at"` // Unix milliseconds, as all times here
	ExpiresAt   *int64             `json:"expires_at"`
	Assignments []storedAssignment `json:"assignments,omitempty"`
}

type storedAssignment struct {
	Layer   string `json:"layer"`
	Variant string `json:"variant"`
}

// givesWay says what an INSERT does where the page is: a full one takes the place of one that is not. The text searched for stands in
// no string of the body, where quotes are escaped.
func (d dialect) givesWay() string {
	const full = `'%"rung":"full"%'`
	if d == sqliteDialect {
		return ` ON CONFLICT (session, page) DO UPDATE SET served_at = excluded.served_at, items = excluded.items, numbers = excluded.numbers,
			body = excluded.body WHERE CAST(excluded.body AS TEXT) LIKE ` + full + ` AND CAST(pages.body AS TEXT) NOT LIKE ` + full
	}
	var sets []string
	for _, column := range []string{"served_at", "items", "numbers", "body"} { // body last: one after the other, they see what it was
		sets = append(sets, strings.ReplaceAll("? = IF(VALUES(body) LIKE "+full+" AND body NOT LIKE "+full+", VALUES(?), ?)", "?", column))
	}
	return " ON DUPLICATE KEY UPDATE " + strings.Join(sets, ", ")
}

// storedPage is the stored shape of feed.Page.
type storedPage struct {
	Number   int               `json:"number"`
	First    int               `json:"first"`
	Items    []storedPlacement `json:"items"`
	ServedAt *int64            `json:"served_at"`
	Rung     feed.Rung         `json:"rung"`
	Relaxed  []string          `json:"relaxed,omitempty"`
	Skipped  []string          `json:"skipped,omitempty"`
	Exclude  []catalog.ItemID  `json:"exclude,omitempty"`
	Config   string            `json:"config,omitempty"`
	Catalog  uint64            `json:"catalogue,omitempty"`
	Model    uint64            `json:"model,omitempty"`
	Trained  uint64            `json:"trained,omitempty"`
	Weights  uint64            `json:"weights,omitempty"`
	Known    uint64            `json:"viewer,omitempty"`
	Want     int               `json:"want"`
	Last     bool              `json:"last,omitempty"`
}

type storedPlacement struct {
	Item    catalog.ItemID   `json:"i"`
	Number  catalog.Number   `json:"n"`
	Author  catalog.AuthorID `json:"a,omitempty"`
	Score   float32          `json:"s"`
	Source  string           `json:"r,omitempty"`
	Because string           `json:"b,omitempty"`
	Sources []string         `json:"o,omitempty"`
	Rank    int              `json:"k,omitempty"`
	Chance  float32          `json:"c,omitempty"`
}

func loadVisit(body []byte) (feed.Visit, error) {
	var s storedVisit
	if err := json.Unmarshal(body, &s); err != nil {
		return feed.Visit{}, fmt.Errorf("archived visit: %w", err)
	}
	v := feed.Visit{
		ID: s.ID, Viewer: s.Viewer, Feed: s.Feed, Definition: s.Definition,
		Narrowing: feed.Narrowing{Tag: s.Tag, Lang: s.Lang, Region: s.Region, Anchor: s.Anchor},
		Seed:      s.Seed, StartedAt: timeIn(s.StartedAt), ExpiresAt: timeIn(s.ExpiresAt),
	}
	for _, a := range s.Assignments {
		v.Assignments = append(v.Assignments, experiment.Assignment(a))
	}
	return v, nil
}

func loadPage(body []byte) (feed.Page, error) {
	var s storedPage
	if err := json.Unmarshal(body, &s); err != nil {
		return feed.Page{}, fmt.Errorf("archived page: %w", err)
	}
	p := feed.Page{
		Number: s.Number, First: s.First, ServedAt: timeIn(s.ServedAt), Rung: s.Rung, Relaxed: s.Relaxed, Skipped: s.Skipped, Exclude: s.Exclude,
		Inputs: feed.Inputs{Config: s.Config, Catalogue: s.Catalog, Model: s.Model, Trained: s.Trained, Weights: s.Weights, Viewer: s.Known},
		Want:   s.Want, Last: s.Last,
	}
	for _, it := range s.Items {
		p.Items = append(p.Items, feed.Placement{
			Item: it.Item, Number: it.Number, Author: it.Author, Score: it.Score,
			Reason: recommend.Reason{Source: it.Source, Because: it.Because}, Sources: it.Sources, RankBefore: it.Rank, Chance: it.Chance,
		})
	}
	return p, nil
}
