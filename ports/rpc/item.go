package rpc

import (
	"time"

	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/idl/gen/freshet"
	"github.com/freshet/freshet/ports/wire"
)

func draftOf(it *freshet.Item) publishing.Draft {
	payload, err := payloadOf(it.Payload)
	if it.Id == "" {
		err = engagement.ErrMissing.On("id")
	}
	return publishing.Draft{ID: catalog.ItemID(it.Id), Err: err, Details: catalog.Details{
		Author: catalog.AuthorID(it.Author), Title: it.Title, Tags: it.Tags, Lang: it.Lang, Region: it.Region, Labels: it.Labels,
		Duration: durationOf(it.DurationMs), PublishedAt: timeOf(it.PublishedAt), ExpiresAt: timeOf(it.ExpiresAt), Payload: payload,
	}}
}

func patchOf(p *freshet.ItemPatch) (catalog.Patch, error) {
	out := catalog.Patch{
		Author: pick(p.Author, func(s string) catalog.AuthorID { return catalog.AuthorID(s) }),
		Title:  p.Title, Lang: p.Lang, Region: p.Region,
		Duration:    pick(p.DurationMs, durationOf),
		PublishedAt: pick(p.PublishedAt, timeOf),
		ExpiresAt:   pick(p.ExpiresAt, timeOf),
	}
	if p.IsSetTags() {
		out.Tags = &p.Tags
	}
	if p.IsSetLabels() {
		out.Labels = &p.Labels
	}
	if p.IsSetPayload() {
		payload, err := payloadOf(p.Payload)
		if err != nil {
			return catalog.Patch{}, err
		}
		out.Payload = &payload
	}
	return out, nil
}

// payloadOf names the payload also when it nests too deep: it does not stand in a text that could be at fault.
func payloadOf(text []byte) ([]byte, *fault.Error) {
	payload, err := wire.ParsePayload(text)
	if err != nil {
		return nil, err.On("payload")
	}
	return payload, nil
}

func itemOf(it *catalog.Snapshot) *freshet.Item {
	d := &it.Details
	return &freshet.Item{
		Id: string(it.ID), Author: string(d.Author), Title: d.Title, Tags: d.Tags, Lang: d.Lang, Region: d.Region, Labels: d.Labels,
		DurationMs: int64(d.Duration / time.Millisecond), PublishedAt: millisOf(d.PublishedAt), ExpiresAt: millisOf(d.ExpiresAt),
		Payload: d.Payload,
	}
}
