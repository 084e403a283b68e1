package recommend_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/recommend"
)

func TestWords(t *testing.T) {
	for _, c := range []struct {
		title string
		want  []string
	}{
		{"", nil},
		{" \n\t-!", nil},
		{"Toy Story", []string{"toy", "story"}},
		{"the, The THE", []string{"the"}},
		{"Children's X-Files", []string{"children", "files"}},
		{"Blade Runner 2049", []string{"blade", "runner", "2049"}},
		{"clip 20261231 7", []string{"clip"}},
		{"mp4 b2b", []string{"mp4", "b2b"}},
		{"ÜBER Straße", []string{"über", "straße"}},
		{"Война и мир", []string{"война", "мир"}},
		{"हिन्दी गीत", []string{"हिन्दी", "गीत"}},
		{"사랑의 불시착", []string{"사랑의", "불시착"}},
		{"田埂上的老年人", []string{"田埂", "埂上", "上的", "的老", "老年", "年人"}},
		{"雪", []string{"雪"}},
		{"朝阳1号轮胎", []string{"朝阳", "号轮", "轮胎"}},
		{"vlog雪山 GoPro", []string{"vlog", "雪山", "gopro"}},
		{"東京タワー", []string{"東京", "京タ", "タワ", "ワー"}},
		{"น้ำใจ", []string{"น้ำ", "ำใ", "ใจ"}},
		{strings.Repeat("x", 21) + " " + strings.Repeat("x", 20), []string{strings.Repeat("x", 20)}},
		{"1a 2a 3a 4a 5a 6a 7a 8a 9a 10a 11a 12a 13a 14a 15a 16a 17a", strings.Fields("1a 2a 3a 4a 5a 6a 7a 8a 9a 10a 11a 12a 13a 14a 15a 16a")},
	} {
		require.Equal(t, c.want, recommend.Words(c.title, nil), c.title)
	}
}

func TestWordsAreAppended(t *testing.T) {
	require.Equal(t, []string{"snow", "snow"}, recommend.Words("Snow", []string{"snow"}))
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{"Toy Story", "田埂上的老年人", "น้ำใจ", "\xff\xfe a\u0301", "İstanbul ǅ", strings.Repeat("\u0301", 50), "ガ\u3099\u3099\u3099\u3099\u3099ム"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, title string) {
		words := recommend.Words(title, nil)
		lower := strings.ToLower(title)
		require.LessOrEqual(t, len(words), recommend.MaxWords)
		for i, w := range words {
			require.NotEmpty(t, w)
			require.Contains(t, lower, w)
			require.NotContains(t, words[:i], w)
			require.LessOrEqual(t, utf8.RuneCountInString(w), 20)
			require.True(t, utf8.ValidString(w), "%q", w)
		}
		if strings.ToLower(lower) == lower {
			require.Equal(t, words, recommend.Words(lower, nil))
		}
		require.True(t, slices.Equal(words, recommend.Words("- "+title+" -", nil)))
	})
}
