package catalog_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
)

// only is the patch that replaces one part by that of d.
func only(part string, d catalog.Details) catalog.Patch {
	var p catalog.Patch
	value := reflect.New(reflect.TypeOf(d)).Elem()
	value.Set(reflect.ValueOf(d))
	reflect.ValueOf(&p).Elem().FieldByName(part).Set(value.FieldByName(part).Addr())
	return p
}

func TestEveryPartIsPatchedAlone(t *testing.T) {
	for i := range reflect.TypeFor[catalog.Details]().NumField() {
		part := reflect.TypeFor[catalog.Details]().Field(i).Name
		t.Run(part, func(t *testing.T) {
			p := only(part, other())
			require.False(t, p.Empty())

			item := published(t, full())
			require.NoError(t, item.Amend(p, noon))
			want := full()
			reflect.ValueOf(&want).Elem().Field(i).Set(reflect.ValueOf(other()).Field(i))
			require.Equal(t, want, item.Snapshot().Details)
			require.Equal(t, uint64(2), item.Snapshot().Version)

			require.NoError(t, item.Amend(p, noon))
			require.Equal(t, uint64(2), item.Snapshot().Version, "patched twice, changed once")
		})
	}
}

func TestAPointerToTheZeroValueClearsThePart(t *testing.T) {
	for i := range reflect.TypeFor[catalog.Details]().NumField() {
		part := reflect.TypeFor[catalog.Details]().Field(i).Name
		t.Run(part, func(t *testing.T) {
			item := published(t, full())
			require.NoError(t, item.Amend(only(part, catalog.Details{}), noon))
			want := full()
			if part != "PublishedAt" { // which every item has
				reflect.ValueOf(&want).Elem().Field(i).SetZero()
			}
			require.Equal(t, want, item.Snapshot().Details)
		})
	}
}

func TestClearingByAnEmptyValueIsClearing(t *testing.T) {
	none, nothing := []string{}, []byte{}
	item := published(t, full())
	require.NoError(t, item.Amend(catalog.Patch{Tags: &none, Labels: &none, Payload: &nothing}, noon))
	d := item.Snapshot().Details
	require.Nil(t, d.Tags)
	require.Nil(t, d.Labels)
	require.Nil(t, d.Payload)
}

func TestThePatchThatNamesNothing(t *testing.T) {
	require.True(t, catalog.Patch{}.Empty())
	item := published(t, full())
	require.NoError(t, item.Amend(catalog.Patch{}, noon.Add(time.Hour)))
	require.Equal(t, uint64(1), item.Snapshot().Version)
	require.Len(t, item.Facts(), 1)
}

func TestAPatchIsCheckedTogetherWithWhatItLeaves(t *testing.T) {
	at := func(t time.Time) *time.Time { return &t }
	started := noon.Add(-time.Hour) // when the item was published
	title := "a\x00"
	for _, c := range []struct {
		name  string
		p     catalog.Patch
		want  error
		field string
	}{
		{"a bad part", catalog.Patch{Title: &title}, catalog.ErrText, "title"},
		{"an expiry one millisecond after publication", catalog.Patch{ExpiresAt: at(started.Add(time.Millisecond))}, nil, ""},
		{"an expiry less than that after it", catalog.Patch{ExpiresAt: at(started.Add(time.Millisecond - 1))}, catalog.ErrExpiry, "expires_at"},
		{"an expiry at publication", catalog.Patch{ExpiresAt: at(started)}, catalog.ErrExpiry, "expires_at"},
		{"an expiry at publication, which is left by saying zero", catalog.Patch{PublishedAt: &time.Time{}, ExpiresAt: at(started)}, catalog.ErrExpiry, "expires_at"},
		{"a publication that overtakes the expiry", catalog.Patch{PublishedAt: at(noon.Add(time.Hour))}, catalog.ErrExpiry, "expires_at"},
		{"both moved at once", catalog.Patch{PublishedAt: at(noon.Add(time.Hour)), ExpiresAt: at(noon.Add(2 * time.Hour))}, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			item := published(t, full())
			before := item.Snapshot()
			refused(t, item.Amend(c.p, noon), c.want, c.field)
			if c.want != nil {
				require.Equal(t, before, item.Snapshot(), "a refused patch changes nothing")
				require.Len(t, item.Facts(), 1)
			}
		})
	}
}
