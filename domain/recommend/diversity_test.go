package recommend_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/recommend"
)

func TestDiversityIsHowUnlikeTwoItemsOfAPageAre(t *testing.T) {
	for name, c := range map[string]struct {
		tags [][]string
		want float64
		ok   bool
	}{
		"no page":                        {nil, 0, false},
		"one item":                       {[][]string{{"a"}}, 0, false},
		"nothing has a tag":              {[][]string{nil, nil, nil}, 0, false},
		"the same tags":                  {[][]string{{"a", "b"}, {"b", "a"}}, 0, true},
		"other tags":                     {[][]string{{"a"}, {"b"}}, 1, true},
		"one of three":                   {[][]string{{"a", "b"}, {"b", "c"}}, 2.0 / 3, true},
		"one has none":                   {[][]string{{"a"}, nil}, 1, true},
		"the mean over pairs":            {[][]string{{"a"}, {"a"}, {"b"}}, 2.0 / 3, true},
		"pairs without any do not count": {[][]string{{"a"}, nil, nil}, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			picks := make([]recommend.Pick, len(c.tags))
			for i, tags := range c.tags {
				s := item(i+1, "a", tags...)
				picks[i].Item = &s
			}
			got, ok := recommend.Diversity(picks)
			require.Equal(t, c.ok, ok)
			require.InDelta(t, c.want, got, 1e-9)
		})
	}
}
