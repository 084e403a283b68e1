package memindex

import (
	"time"
	"unsafe"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// entry is one item as the index keeps it: never changed, replaced when the item changes. Names
// that items have in common are terms; the rest of what the client gave lies in text.
type entry struct {
	recommend.Traits
	text    string // see pack
	version uint64
	changed int64 // Unix milliseconds
}

// entryBytes is what an entry takes beside its text and terms.
const entryBytes = int(unsafe.Sizeof(entry{}))

// never is the zero time in Unix milliseconds.
var never = time.Time{}.UnixMilli()

// epochExpiry marks an item that expires at the Unix epoch itself, which Traits cannot say.
const epochExpiry = 1

// pack joins flags, id, title and payload into one string. What is removed keeps only its id.
func pack(s *catalog.Snapshot, in *slab) string {
	title, payload := s.Details.Title, s.Details.Payload
	if s.State == catalog.Removed {
		title, payload = "", nil
	}
	flags := byte(0)
	if !s.Details.ExpiresAt.IsZero() && s.Details.ExpiresAt.UnixMilli() == 0 {
		flags = epochExpiry
	}
	b := in.room(5 + len(s.ID) + len(title) + len(payload))
	b = append(b, flags, byte(len(s.ID)>>8), byte(len(s.ID)), byte(len(title)>>8), byte(len(title)))
	b = append(b, s.ID...)
	b = append(b, title...)
	b = append(b, payload...)
	return asString(b)
}

func (e *entry) id() catalog.ItemID {
	n := int(e.text[1])<<8 | int(e.text[2])
	return catalog.ItemID(e.text[5 : 5+n])
}

// restore fills s with the whole item; words receives its tags and labels.
func (e *entry) restore(v *view, s *catalog.Snapshot, words []string) {
	idEnd := 5 + int(e.text[1])<<8 + int(e.text[2])
	titleEnd := idEnd + int(e.text[3])<<8 + int(e.text[4])
	tags := len(e.Tags)
	for i, t := range e.Tags {
		words[i] = v.names[recommend.TagField].name(t)
	}
	for i, t := range e.Labels {
		words[tags+i] = v.names[recommend.LabelField].name(t)
	}
	s.ID, s.Number, s.State, s.Version = catalog.ItemID(e.text[5:idEnd]), e.Number, e.State, e.version
	s.ChangedAt = timeOf(e.changed)
	d := &s.Details
	d.Title = e.text[idEnd:titleEnd]
	if titleEnd < len(e.text) {
		payload := e.text[titleEnd:]
		// A view is read-only for its readers, as is the string whose bytes these are.
		d.Payload = unsafe.Slice(unsafe.StringData(payload), len(payload))
	}
	if tags > 0 {
		d.Tags = words[:tags:tags]
	}
	if len(e.Labels) > 0 {
		d.Labels = words[tags:]
	}
	d.Author = catalog.AuthorID(v.names[recommend.AuthorField].name(e.Author))
	d.Lang = v.names[recommend.LangField].name(e.Lang)
	d.Region = v.names[recommend.RegionField].name(e.Region)
	d.Duration = time.Duration(e.Duration) * time.Millisecond
	d.PublishedAt = timeOf(e.Published)
	if e.text[0]&epochExpiry != 0 {
		d.ExpiresAt = timeOf(0)
	} else if e.Expires != 0 {
		d.ExpiresAt = timeOf(e.Expires)
	}
}

func timeOf(ms int64) time.Time {
	if ms == never {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// comesBefore is the order of shelves: latest published first, ties by higher number. It is total.
func (e *entry) comesBefore(o *entry) bool {
	if e.Published != o.Published {
		return e.Published > o.Published
	}
	if e.Number != o.Number {
		return e.Number > o.Number
	}
	return e != o && e.id() > o.id() // numbers do not repeat; if they did, shelves would still have an order
}

// bytes estimates what the entry and its places on shelves take.
func (e *entry) bytes() int {
	n := entryBytes + len(e.text) + 4*(len(e.Tags)+len(e.Words)+len(e.Labels))
	if e.State == catalog.Published {
		eachShelf(e, func(recommend.Shelf) { n += postingBytes })
	}
	return n
}
