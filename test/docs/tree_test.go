package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/feed"
)

func documents(t *testing.T) (all []Document) {
	t.Helper()
	for _, pattern := range []string{"README.md", "docs/*.md", "docs/adr/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, found, pattern)
		for _, path := range found {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			rel, err := filepath.Rel(root, path)
			require.NoError(t, err)
			all = append(all, Document{filepath.ToSlash(rel), string(text)})
		}
	}
	return all
}

func TestWhatIsWrittenIsThere(t *testing.T) {
	h := house(t)
	for _, d := range documents(t) {
		for _, wrong := range h.Check(d) {
			t.Error(wrong)
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, dir := range house(t).Uncommented {
		t.Errorf("%s: no file begins with a comment on the package", dir)
	}
}

func TestDecisionsAreNumberedInOrder(t *testing.T) {
	number := 0
	for _, d := range documents(t) {
		name, ok := strings.CutPrefix(d.Path, "docs/adr/")
		if !ok {
			continue
		}
		number++
		require.Regexp(t, fmt.Sprintf(`^%04d-[a-z0-9-]+\.md$`, number), name)
		title, _, _ := strings.Cut(d.Text, "\n")
		require.Regexp(t, fmt.Sprintf(`^# %d\. \S.*[^.]$`, number), title, name)
	}
	require.Positive(t, number)
}

// TestOperationsLeavesNothingOut: what an operator may meet by name is explained.
func TestOperationsLeavesNothingOut(t *testing.T) {
	text, err := os.ReadFile(root + "/docs/operations.md")
	require.NoError(t, err)
	manual := Document{"docs/operations.md", string(text)}
	var spans []string
	for _, s := range manual.Spans() {
		spans = append(spans, s.Text)
	}
	h := house(t)
	require.NotEmpty(t, h.Metrics)
	for name := range h.Metrics {
		require.Contains(t, spans, name, "a metric")
	}
	for _, rung := range []feed.Rung{feed.Full, feed.NoArchive, feed.CursorOnly, feed.StaleViewer, feed.Popular} {
		require.Contains(t, spans, string(rung), "a rung")
	}
	for _, name := range []string{"CONFIG", "DATA_DIR", "HTTP_ADDR", "ADMIN_ADDR", "RPC_ADDR", "REDIS_ADDRS", "MYSQL_DSN"} {
		require.Contains(t, spans, "FRESHET_"+name, "a variable")
	}
	source, err := os.ReadFile(root + "/cmd/freshet/service.go")
	require.NoError(t, err)
	loops := regexp.MustCompile(`\{Name: "([a-z-]+)"`).FindAllSubmatch(source, -1)
	require.Greater(t, len(loops), 5)
	for _, m := range loops {
		require.Contains(t, spans, string(m[1]), "a background loop")
	}
	for _, route := range adminRoutes(t) {
		if _, path, _ := strings.Cut(route, " "); path != "/" {
			require.True(t, slices.Contains(spans, path) || slices.Contains(spans, route), "an address for operators: %s", route)
		}
	}
}
