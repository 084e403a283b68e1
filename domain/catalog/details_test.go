package catalog_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func words(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint("w", i)
	}
	return out
}

func TestDetailsAreChecked(t *testing.T) {
	type details = catalog.Details
	long := strings.Repeat
	for _, c := range []struct {
		name  string
		d     details
		want  error
		field string
	}{
		{"nothing said is fine", details{}, nil, ""},

		{"an author of 128 bytes", details{Author: catalog.AuthorID(long("a", 128))}, nil, ""},
		{"an author of 129", details{Author: catalog.AuthorID(long("a", 129))}, catalog.ErrID, "author"},
		{"an author with a slash", details{Author: "a/b"}, catalog.ErrID, "author"},

		{"a title of 1024 bytes", details{Title: long("é", 512)}, nil, ""},
		{"a title of 1025", details{Title: long("é", 512) + "a"}, catalog.ErrTooLong, "title"},
		{"a title with line breaks and tabs", details{Title: "a\r\n\tb"}, nil, ""},
		{"a title with a slash and an odd space", details{Title: "a/b\u00a0c\u2028d"}, nil, ""},
		{"a title with a zero byte", details{Title: "a\x00"}, catalog.ErrText, "title"},
		{"a title with the last control character of ASCII", details{Title: "a\x1f"}, catalog.ErrText, "title"},
		{"a title with delete", details{Title: "a\x7f"}, catalog.ErrText, "title"},
		{"a title with the first control character past ASCII", details{Title: "a\u0080"}, catalog.ErrText, "title"},
		{"a title with the last control character past ASCII", details{Title: "a\u009f"}, catalog.ErrText, "title"},
		{"a title that is not UTF-8", details{Title: "a\xff"}, catalog.ErrText, "title"},

		{"32 tags", details{Tags: words(32)}, nil, ""},
		{"33 tags", details{Tags: words(33)}, catalog.ErrTooMany, "tags"},
		{"a tag of 128 bytes", details{Tags: []string{long("t", catalog.MaxTagBytes)}}, nil, ""},
		{"a tag of 129", details{Tags: []string{"a", long("t", catalog.MaxTagBytes+1)}}, catalog.ErrTag, "tags"},
		{"an empty tag", details{Tags: []string{"a", ""}}, catalog.ErrTag, "tags"},
		{"a tag with a slash", details{Tags: []string{"a/b"}}, catalog.ErrTag, "tags"},
		{"a tag that is not UTF-8", details{Tags: []string{"\xff"}}, catalog.ErrTag, "tags"},

		{"32 labels", details{Labels: words(32)}, nil, ""},
		{"33 labels", details{Labels: words(33)}, catalog.ErrTooMany, "labels"},
		{"a label of 129 bytes", details{Labels: []string{long("t", 129)}}, catalog.ErrTag, "labels"},
		{"an empty label", details{Labels: []string{""}}, catalog.ErrTag, "labels"},

		{"a language of 35 bytes", details{Lang: long("l", 35)}, nil, ""},
		{"a language of 36", details{Lang: long("l", 36)}, catalog.ErrTooLong, "lang"},
		{"a language with a line break", details{Lang: "en\n"}, catalog.ErrText, "lang"},
		{"a language that is not UTF-8", details{Lang: "\xff"}, catalog.ErrText, "lang"},
		{"a region of 35 bytes", details{Region: long("r", 35)}, nil, ""},
		{"a region of 36", details{Region: long("r", 36)}, catalog.ErrTooLong, "region"},
		{"a region with a tab", details{Region: "D\tE"}, catalog.ErrText, "region"},

		{"a duration of 48 hours", details{Duration: 48 * time.Hour}, nil, ""},
		{"a duration of one tick more", details{Duration: 48*time.Hour + 1}, catalog.ErrDuration, "duration_ms"},
		{"a duration below zero", details{Duration: -1}, catalog.ErrDuration, "duration_ms"},

		{"published as 1900 begins", details{PublishedAt: catalog.Earliest}, nil, ""},
		{"published one tick before", details{PublishedAt: catalog.Earliest.Add(-1)}, catalog.ErrTime, "published_at"},
		{"published in the last tick of 2199", details{PublishedAt: catalog.Latest.Add(-1)}, nil, ""},
		{"published as 2200 begins", details{PublishedAt: catalog.Latest}, catalog.ErrTime, "published_at"},
		{"expiring one tick before 1900", details{ExpiresAt: catalog.Earliest.Add(-1)}, catalog.ErrTime, "expires_at"},
		{"expiring in the last tick of 2199", details{ExpiresAt: catalog.Latest.Add(-1)}, nil, ""},
		{"expiring as 2200 begins", details{ExpiresAt: catalog.Latest}, catalog.ErrTime, "expires_at"},
		{"expiring one tick after it is published", details{PublishedAt: noon, ExpiresAt: noon.Add(1)}, nil, ""},
		{"expiring as it is published", details{PublishedAt: noon, ExpiresAt: noon}, catalog.ErrExpiry, "expires_at"},

		{"a payload of 16 KiB", details{Payload: make([]byte, 16<<10)}, nil, ""},
		{"a payload of one byte more", details{Payload: make([]byte, 16<<10+1)}, catalog.ErrTooLong, "payload"},
		{"a payload is opaque", details{Payload: []byte("\xff\x00")}, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			refused(t, c.d.Check(), c.want, c.field)
		})
	}
}

func refused(t require.TestingT, err, want error, field string) {
	require.ErrorIs(t, err, want)
	if want != nil {
		require.Equal(t, field, fault.Of(err).Field())
		require.Equal(t, fault.Invalid, fault.Of(err).Kind())
	}
}

func full() catalog.Details {
	return catalog.Details{
		Author: "author", Title: "title", Tags: []string{"a", "b"}, Lang: "de", Region: "AT", Labels: []string{"safe", "new"},
		Duration: time.Minute, PublishedAt: noon.Add(-time.Hour), ExpiresAt: noon.Add(time.Hour), Payload: []byte(`{"n":1}`),
	}
}

// other differs from full in every part.
func other() catalog.Details {
	return catalog.Details{
		Author: "another", Title: "another", Tags: []string{"b", "a"}, Lang: "en", Region: "GB", Labels: []string{"safe"},
		Duration: time.Hour, PublishedAt: noon.Add(-2 * time.Hour), ExpiresAt: noon.Add(2 * time.Hour), Payload: []byte(`{"n":2}`),
	}
}

func TestDetailsDifferByEveryPart(t *testing.T) {
	require.True(t, full().Equal(full()))
	for i := range reflect.TypeFor[catalog.Details]().NumField() {
		d := full()
		part := reflect.TypeOf(d).Field(i).Name
		reflect.ValueOf(&d).Elem().Field(i).Set(reflect.ValueOf(other()).Field(i))
		require.False(t, d.Equal(full()), part)
		require.False(t, full().Equal(d), part)
	}
}

func TestTheSameMomentInAnotherZoneIsTheSame(t *testing.T) {
	d := full()
	d.PublishedAt = d.PublishedAt.In(time.FixedZone("east", 3600))
	d.Payload = bytes.Clone(d.Payload)
	require.True(t, d.Equal(full()))
}
