package catalog

import (
	"bytes"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/freshet/freshet/domain/fault"
)

// The limits of an item's parts.
const (
	MaxTitleBytes   = 1024
	MaxTags         = 32
	MaxTagBytes     = MaxIDBytes // tags and labels are spelt as ids are
	MaxLabels       = 32
	MaxPlaceBytes   = 35 // a language or region tag (BCP 47 needs no more)
	MaxPayloadBytes = 16 << 10
	MaxDuration     = 48 * time.Hour
)

// Earliest and Latest bound every time that a client gives for an item.
var (
	Earliest = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	Latest   = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Why details are refused; each is returned with the field it concerns.
var (
	ErrTooLong  = fault.New(fault.Invalid, "too_long", "the value is too long")
	ErrTooMany  = fault.New(fault.Invalid, "too_many", "there are too many values")
	ErrText     = fault.New(fault.Invalid, "bad_text", "the value must be valid UTF-8 without control characters")
	ErrTag      = fault.New(fault.Invalid, "bad_tag", "a tag is 1 to 128 bytes of printable UTF-8 without '/'")
	ErrTime     = fault.New(fault.Invalid, "bad_time", "a time lies between the years 1900 and 2200")
	ErrExpiry   = fault.New(fault.Invalid, "bad_expiry", "an item expires after it is published")
	ErrDuration = fault.New(fault.Invalid, "bad_duration", "a duration lies between 0 and 48 hours")
)

// Details are what a client says of an item. Only the zero PublishedAt has a meaning that
// depends on when it is said: it means now.
type Details struct {
	Author      AuthorID // empty: none
	Title       string
	Tags        []string // in the client's order, without repeats
	Lang        string   // empty: any
	Region      string   // empty: any
	Labels      []string // moderation and business labels; filters use them, ranking does not
	Duration    time.Duration
	PublishedAt time.Time // zero: the moment it is published
	ExpiresAt   time.Time // zero: never
	Payload     []byte    // a JSON value, opaque to us; empty: none
}

// Check refuses what no item may hold, naming the field as clients spell it.
func (d Details) Check() error {
	if d.Author != "" {
		if err := CheckID(string(d.Author)); err != nil {
			return ErrID.On("author")
		}
	}
	if len(d.Title) > MaxTitleBytes {
		return ErrTooLong.On("title").Saying("a title has at most %d bytes", MaxTitleBytes)
	}
	if !text(d.Title) {
		return ErrText.On("title")
	}
	if err := checkWords("tags", d.Tags, MaxTags); err != nil {
		return err
	}
	if err := checkWords("labels", d.Labels, MaxLabels); err != nil {
		return err
	}
	if err := checkPlace("lang", d.Lang); err != nil {
		return err
	}
	if err := checkPlace("region", d.Region); err != nil {
		return err
	}
	if d.Duration < 0 || d.Duration > MaxDuration {
		return ErrDuration.On("duration_ms")
	}
	if err := checkTime("published_at", d.PublishedAt); err != nil {
		return err
	}
	if err := checkTime("expires_at", d.ExpiresAt); err != nil {
		return err
	}
	if !d.PublishedAt.IsZero() {
		if err := d.checkExpiry(); err != nil {
			return err
		}
	}
	if len(d.Payload) > MaxPayloadBytes {
		return ErrTooLong.On("payload").Saying("a payload has at most %d bytes", MaxPayloadBytes)
	}
	return nil
}

// Equal reports whether both say the same.
func (d Details) Equal(o Details) bool {
	return d.Author == o.Author && d.Title == o.Title && d.Lang == o.Lang && d.Region == o.Region &&
		d.Duration == o.Duration && d.PublishedAt.Equal(o.PublishedAt) && d.ExpiresAt.Equal(o.ExpiresAt) &&
		slices.Equal(d.Tags, o.Tags) && slices.Equal(d.Labels, o.Labels) && bytes.Equal(d.Payload, o.Payload)
}

func (d Details) checkExpiry() error {
	if !d.ExpiresAt.IsZero() && !d.ExpiresAt.After(d.PublishedAt) {
		return ErrExpiry.On("expires_at")
	}
	return nil
}

// settled returns d as an item keeps it, published at the given moment where d names none, or why
// no item may keep it.
func (d Details) settled(published time.Time) (Details, error) {
	if err := d.Check(); err != nil {
		return Details{}, err
	}
	d = d.clone()
	if d.PublishedAt.IsZero() {
		d.PublishedAt = millis(published)
	}
	return d, d.checkExpiry()
}

// clone shares no memory with d; times are cut to milliseconds, repeats of tags and labels dropped.
func (d Details) clone() Details {
	d.Tags, d.Labels = distinct(d.Tags), distinct(d.Labels)
	d.Payload = append([]byte(nil), d.Payload...) // an empty one becomes nil
	d.PublishedAt, d.ExpiresAt = millis(d.PublishedAt), millis(d.ExpiresAt)
	d.Duration = d.Duration.Truncate(time.Millisecond)
	return d
}

func millis(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

func distinct(words []string) []string {
	var out []string
	for _, w := range words {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

func checkWords(field string, words []string, most int) error {
	if len(words) > most {
		return ErrTooMany.On(field).Saying("at most %d %s are kept", most, field)
	}
	for _, w := range words {
		if CheckTag(w) != nil {
			return ErrTag.On(field)
		}
	}
	return nil
}

// CheckTag is the rule for one tag or label. It fails with ErrTag.
func CheckTag(s string) error {
	if CheckID(s) != nil {
		return ErrTag
	}
	return nil
}

func checkPlace(field, s string) error {
	if len(s) > MaxPlaceBytes {
		return ErrTooLong.On(field).Saying("at most %d bytes", MaxPlaceBytes)
	}
	if !printable(s) {
		return ErrText.On(field)
	}
	return nil
}

func checkTime(field string, t time.Time) error {
	if !t.IsZero() && (t.Before(Earliest) || !t.Before(Latest)) {
		return ErrTime.On(field)
	}
	return nil
}

// text allows line breaks and tabs, which titles of the wild contain, but no other control characters.
func text(s string) bool {
	for _, r := range s {
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return false
		}
	}
	return utf8.ValidString(s)
}
