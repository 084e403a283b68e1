package http

import (
	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

// draft is an item as a client writes it.
type draft struct {
	id      string
	details catalog.Details
}

func (d *draft) member(v value) error {
	t := &d.details
	switch v.name {
	case "id":
		return v.text(&d.id)
	case "author":
		return v.text((*string)(&t.Author))
	case "title":
		return v.text(&t.Title)
	case "tags":
		return v.texts(&t.Tags)
	case "lang":
		return v.text(&t.Lang)
	case "region":
		return v.text(&t.Region)
	case "labels":
		return v.texts(&t.Labels)
	case "duration_ms":
		return v.millis(&t.Duration)
	case "published_at":
		return v.time(&t.PublishedAt)
	case "expires_at":
		return v.time(&t.ExpiresAt)
	case "payload":
		v.payload(&t.Payload)
		return nil
	}
	return unknown(v)
}

// named checks that the body names no other item than the path.
func (d *draft) named(id catalog.ItemID) error {
	if d.id != "" && d.id != string(id) {
		return errOtherID.On("id")
	}
	return nil
}

// parseDraft reads one entry of a batch.
func parseDraft(raw []byte, wrong *fault.Error) publishing.Draft {
	if wrong != nil {
		return publishing.Draft{Err: wrong}
	}
	var d draft
	if err := members(raw, d.member); err != nil {
		return publishing.Draft{ID: catalog.ItemID(idOf(raw, "id")), Err: fault.Of(err)}
	}
	if d.id == "" {
		return publishing.Draft{Err: errMissing.On("id")}
	}
	return publishing.Draft{ID: catalog.ItemID(d.id), Details: d.details}
}

// patchDraft is a merge patch (RFC 7396) of an item: what is absent stays, null clears.
type patchDraft struct {
	draft
	patch catalog.Patch
}

func (d *patchDraft) member(v value) error {
	if err := d.draft.member(v); err != nil {
		return err
	}
	t, p := &d.details, &d.patch
	switch v.name {
	case "author":
		p.Author = &t.Author
	case "title":
		p.Title = &t.Title
	case "tags":
		p.Tags = &t.Tags
	case "lang":
		p.Lang = &t.Lang
	case "region":
		p.Region = &t.Region
	case "labels":
		p.Labels = &t.Labels
	case "duration_ms":
		p.Duration = &t.Duration
	case "published_at":
		p.PublishedAt = &t.PublishedAt
	case "expires_at":
		p.ExpiresAt = &t.ExpiresAt
	case "payload":
		p.Payload = &t.Payload
	}
	return nil
}
