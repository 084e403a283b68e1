package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryMutantCanStillBeMade keeps the table from growing old: each fragment stands once where it is said to, and each test exists.
func TestEveryMutantCanStillBeMade(t *testing.T) {
	for _, m := range Table {
		t.Run(m.What, func(t *testing.T) {
			file, err := os.ReadFile(filepath.Join("../..", m.File))
			require.NoError(t, err)
			mutant, err := m.apply(string(file))
			require.NoError(t, err)
			require.NotEqual(t, string(file), mutant)
			where, name, ok := strings.Cut(m.Tests, " ")
			require.True(t, ok)
			name, _, _ = strings.Cut(name, "/") // what follows is a clause of it, and running it says whether that exists
			require.True(t, declared(t, filepath.Join("../..", where), name), "no test in %s begins with %s", where, name)
		})
	}
}

func declared(t *testing.T, dir, name string) bool {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	require.NoError(t, err)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		if regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(name)).Match(content) {
			return true
		}
	}
	return false
}

func TestAFragmentStandsOnce(t *testing.T) {
	for _, c := range []struct {
		name, file, fragment string
		ok                   bool
	}{
		{"once", "a b c", "b", true},
		{"twice", "a b b", "b", false},
		{"never", "a c", "b", false},
		{"nothing is no fragment", "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Mutant{Fragment: c.fragment, Replacement: "x"}.apply(c.file)
			require.Equal(t, c.ok, err == nil, "%v", err)
		})
	}
}
