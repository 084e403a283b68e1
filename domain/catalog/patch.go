package catalog

import "time"

// Patch names the parts of an item's details to replace; nil leaves a part as it is, and a
// pointer to the zero value clears it. PublishedAt cannot be cleared: the zero time leaves it too.
type Patch struct {
	Author      *AuthorID
	Title       *string
	Tags        *[]string
	Lang        *string
	Region      *string
	Labels      *[]string
	Duration    *time.Duration
	PublishedAt *time.Time
	ExpiresAt   *time.Time
	Payload     *[]byte
}

// Empty reports whether the patch names nothing.
func (p Patch) Empty() bool { return p == Patch{} }

func (p Patch) apply(d Details) Details {
	replace(&d.Author, p.Author)
	replace(&d.Title, p.Title)
	replace(&d.Tags, p.Tags)
	replace(&d.Lang, p.Lang)
	replace(&d.Region, p.Region)
	replace(&d.Labels, p.Labels)
	replace(&d.Duration, p.Duration)
	replace(&d.PublishedAt, p.PublishedAt)
	replace(&d.ExpiresAt, p.ExpiresAt)
	replace(&d.Payload, p.Payload)
	return d
}

func replace[T any](part *T, with *T) {
	if with != nil {
		*part = *with
	}
}
