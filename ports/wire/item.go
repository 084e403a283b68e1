package wire

import (
	"slices"

	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

// ParseItem reads one item. When it fails, the draft holds the error too, and the id if that could be read.
func ParseItem(data []byte) (publishing.Draft, *fault.Error) {
	var d publishing.Draft
	d.Err = Object(data, func(name string, v Value) *fault.Error {
		if name == "id" {
			s, err := v.Text(name)
			d.ID = catalog.ItemID(s)
			return err
		}
		return detail(&d.Details, name, v)
	})
	if d.Err == nil && d.ID == "" {
		d.Err = engagement.ErrMissing.On("id")
	}
	return d, d.Err
}

// ParsePatch reads the parts of an item to replace; null clears a part.
func ParsePatch(data []byte) (catalog.Patch, *fault.Error) {
	var d catalog.Details
	var named []string
	err := Object(data, func(name string, v Value) *fault.Error {
		named = append(named, name)
		return detail(&d, name, v)
	})
	if err != nil {
		return catalog.Patch{}, err
	}
	return catalog.Patch{
		Author: part(named, "author", &d.Author), Title: part(named, "title", &d.Title), Tags: part(named, "tags", &d.Tags),
		Lang: part(named, "lang", &d.Lang), Region: part(named, "region", &d.Region), Labels: part(named, "labels", &d.Labels),
		Duration: part(named, "duration_ms", &d.Duration), PublishedAt: part(named, "published_at", &d.PublishedAt),
		ExpiresAt: part(named, "expires_at", &d.ExpiresAt), Payload: part(named, "payload", &d.Payload),
	}, nil
}

func part[T any](named []string, name string, v *T) *T {
	if slices.Contains(named, name) {
		return v
	}
	return nil
}

// detail sets one part of an item's details.
func detail(d *catalog.Details, name string, v Value) (err *fault.Error) {
	switch name {
	case "author":
		var s string
		s, err = v.Text(name)
		d.Author = catalog.AuthorID(s)
	case "title":
		d.Title, err = v.Text(name)
	case "tags":
		d.Tags, err = v.Texts(name)
	case "lang":
		d.Lang, err = v.Text(name)
	case "region":
		d.Region, err = v.Text(name)
	case "labels":
		d.Labels, err = v.Texts(name)
	case "duration_ms":
		d.Duration, err = v.Millis(name, catalog.MaxDuration, catalog.ErrDuration)
	case "published_at":
		d.PublishedAt, err = v.Time(name)
	case "expires_at":
		d.ExpiresAt, err = v.Time(name)
	case "payload":
		d.Payload, err = v.Compact(name)
	default:
		err = ErrUnknown.On(name).Saying("an item has no field %q", name)
	}
	return err
}
