package wire

import (
	"slices"

	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

// ErrOtherID refuses an object that names another item than the one it is about.
var ErrOtherID = fault.New(fault.Invalid, "id_mismatch", "the id in the body is not the id in the path")

// Item reads an item. When it fails, the draft holds the error too, and the id if that could be read.
func (v Value) Item() (publishing.Draft, *fault.Error) {
	var d publishing.Draft
	d.Err = v.Object(func(name string, v Value) *fault.Error {
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

// Details reads what is said of the item id, which need not be named again.
func (v Value) Details(id catalog.ItemID) (catalog.Details, *fault.Error) {
	var d catalog.Details
	err := v.Object(func(name string, v Value) *fault.Error {
		if name == "id" {
			return v.names(id)
		}
		return detail(&d, name, v)
	})
	return d, err
}

// Patch reads the parts of the item id to replace (RFC 7396): what is absent stays, null clears.
func (v Value) Patch(id catalog.ItemID) (catalog.Patch, *fault.Error) {
	var d catalog.Details
	var named []string
	err := v.Object(func(name string, v Value) *fault.Error {
		if name == "id" {
			return v.names(id)
		}
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

// names checks that the value is no other item's id; an empty one names none.
func (v Value) names(id catalog.ItemID) *fault.Error {
	s, err := v.Text("id")
	if err == nil && s != "" && s != string(id) {
		err = ErrOtherID.On("id")
	}
	return err
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
		d.Tags, err = v.texts(name)
	case "lang":
		d.Lang, err = v.Text(name)
	case "region":
		d.Region, err = v.Text(name)
	case "labels":
		d.Labels, err = v.texts(name)
	case "duration_ms":
		d.Duration, err = v.millis(name)
	case "published_at":
		d.PublishedAt, err = v.time(name)
	case "expires_at":
		d.ExpiresAt, err = v.time(name)
	case "payload":
		d.Payload, err = v.compact(name)
	default:
		err = Unknown(name)
	}
	return err
}
