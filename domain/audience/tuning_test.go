package audience_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

func TestTargets(t *testing.T) {
	for _, c := range []struct {
		name     string
		kind, id string
		want     error
		field    string
	}{
		{"an item", "item", "x", nil, ""},
		{"an author", "author", "x", nil, ""},
		{"a tag", "tag", "x", nil, ""},
		{"an id of 128 bytes", "item", strings.Repeat("x", 128), nil, ""},
		{"an id of 129", "item", strings.Repeat("x", 129), catalog.ErrID, "id"},
		{"no item", "item", "", catalog.ErrID, "id"},
		{"no author", "author", "", catalog.ErrID, "id"},
		{"an author with a slash", "author", "a/b", catalog.ErrID, "id"},
		{"no tag", "tag", "", catalog.ErrTag, "id"},
		{"a tag with a line break", "tag", "a\n", catalog.ErrTag, "id"},
		{"no kind", "", "x", audience.ErrTarget, "kind"},
		{"a kind in another case", "Item", "x", audience.ErrTarget, "kind"},
		{"a kind that does not exist", "label", "x", audience.ErrTarget, "kind"},
		{"a bad kind before a bad id", "label", "", audience.ErrTarget, "kind"},
	} {
		t.Run(c.name, func(t *testing.T) {
			target, err := audience.ParseTarget(c.kind, c.id)
			require.ErrorIs(t, err, c.want)
			if c.want != nil {
				require.Equal(t, c.field, fault.Of(err).Field())
				return
			}
			require.Equal(t, []string{c.kind, c.id}, []string{target.Kind.String(), target.ID})
		})
	}
}

func TestStoredNumbersOfTuningStay(t *testing.T) {
	require.Equal(t, []audience.TargetKind{1, 2, 3}, []audience.TargetKind{audience.OnItem, audience.OnAuthor, audience.OnTag})
	require.Equal(t, []audience.Direction{1, -1}, []audience.Direction{audience.More, audience.Less})
	require.Equal(t, []audience.Relation{1, 2, 3}, []audience.Relation{audience.Follows, audience.Mutes, audience.Blocks})
	require.Empty(t, audience.TargetKind(0).String()+audience.TargetKind(4).String())
}

func TestDirections(t *testing.T) {
	for _, d := range []audience.Direction{audience.More, audience.Less} {
		parsed, err := audience.ParseDirection(d.String())
		require.NoError(t, err)
		require.Equal(t, d, parsed)
	}
	for _, s := range []string{"", "More", "less ", "1", "up"} {
		_, err := audience.ParseDirection(s)
		require.ErrorIs(t, err, audience.ErrDirection, "%q", s)
		require.Equal(t, "direction", fault.Of(err).Field())
	}
}

func TestRelationsAreSpeltAsInPaths(t *testing.T) {
	require.Equal(t, "follows mutes blocks", audience.Follows.String()+" "+audience.Mutes.String()+" "+audience.Blocks.String())
}
