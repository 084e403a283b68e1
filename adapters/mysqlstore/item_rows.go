package mysqlstore

import (
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/catalog"
)

// itemColumns are an item's whole state, in items and in outbox alike.
var itemColumns = []string{"number", "id", "state", "version", "changed_at", "details", "payload"}

const selectItem = "SELECT number, id, state, version, changed_at, details, payload FROM "

// storedDetails is the stored shape of catalog.Details but the payload, which keeps its bytes.
type storedDetails struct {
	Author    catalog.AuthorID `json:"a,omitempty"`
	Title     string           `json:"t,omitempty"`
	Tags      []string         `json:"g,omitempty"`
	Lang      string           `json:"l,omitempty"`
	Region    string           `json:"r,omitempty"`
	Labels    []string         `json:"b,omitempty"`
	Duration  int64            `json:"d,omitempty"` // milliseconds
	Published *int64           `json:"p,omitempty"` // Unix milliseconds
	Expires   *int64           `json:"e,omitempty"`
}

func itemRow(s catalog.Snapshot) ([]any, error) {
	d := s.Details
	details, err := json.Marshal(storedDetails{
		Author: d.Author, Title: d.Title, Tags: d.Tags, Lang: d.Lang, Region: d.Region, Labels: d.Labels,
		Duration: d.Duration.Milliseconds(), Published: millisOf(d.PublishedAt), Expires: millisOf(d.ExpiresAt),
	})
	if err != nil {
		return nil, fmt.Errorf("item %q: %w", s.ID, err)
	}
	return []any{int64(s.Number), string(s.ID), int64(s.State), int64(s.Version), s.ChangedAt.UnixMilli(), details, d.Payload}, nil
}

// itemsIn runs a query that begins with selectItem.
func itemsIn(tx *gorm.DB, query string, args ...any) ([]catalog.Snapshot, error) {
	rows, err := tx.Raw(query, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []catalog.Snapshot
	for rows.Next() {
		var r ItemRow
		if err := rows.Scan(&r.Number, &r.ID, &r.State, &r.Version, &r.ChangedAt, &r.Details, &r.Payload); err != nil {
			return nil, err
		}
		s, err := r.Item()
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// ItemRow is the stored shape of an item, in items and in outbox alike.
type ItemRow struct {
	Number    catalog.Number
	ID        catalog.ItemID
	State     catalog.State
	Version   uint64
	ChangedAt int64 // Unix milliseconds
	Details   []byte
	Payload   []byte
}

// Item is what the row says; it keeps the payload. A row whose details cannot be read fails.
func (r *ItemRow) Item() (catalog.Snapshot, error) {
	var d storedDetails
	if err := json.Unmarshal(r.Details, &d); err != nil {
		return catalog.Snapshot{}, fmt.Errorf("item %q: %w", r.ID, err)
	}
	return catalog.Snapshot{
		ID: r.ID, Number: r.Number, State: r.State, Version: r.Version, ChangedAt: timeOf(r.ChangedAt),
		Details: catalog.Details{
			Author: d.Author, Title: d.Title, Tags: d.Tags, Lang: d.Lang, Region: d.Region, Labels: d.Labels,
			Duration: time.Duration(d.Duration) * time.Millisecond, PublishedAt: timeIn(d.Published), ExpiresAt: timeIn(d.Expires),
			Payload: r.Payload,
		},
	}, nil
}

func timeOf(millis int64) time.Time { return time.UnixMilli(millis).UTC() }

func millisOf(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}

func timeIn(millis *int64) time.Time {
	if millis == nil {
		return time.Time{}
	}
	return timeOf(*millis)
}
