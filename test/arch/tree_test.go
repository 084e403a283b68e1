package arch

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

func TestTheTreeKeepsTheLaw(t *testing.T) {
	for _, breach := range Freshet.Check(tree(t)) {
		t.Error(breach)
	}
}

func TestTheTopLevelIsTheHouse(t *testing.T) {
	entries, err := os.ReadDir(root)
	require.NoError(t, err)
	var folders []string
	for _, e := range entries {
		if e.IsDir() {
			folders = append(folders, e.Name())
		}
	}
	for _, breach := range Freshet.CheckFolders(folders) {
		t.Error(breach)
	}
}

func TestEveryRoomSaysItsLaw(t *testing.T) {
	for _, room := range Freshet.Rooms {
		if !room.Signed {
			continue
		}
		doc, err := os.ReadFile(filepath.Join(root, room.Name, "doc.go"))
		if err != nil {
			t.Error(err) // and say what it must have
		}
		for _, breach := range Freshet.CheckSign(room.Name, string(doc)) {
			t.Error(breach)
		}
	}
}

// tree lists our packages. Files that only Wire reads count: they are asked for by its tag.
func tree(t *testing.T) []Package {
	t.Helper()
	byPath := map[string]Package{}
	for _, tags := range []string{"", "wireinject"} {
		cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-tags="+tags,
			"-json=ImportPath,Name,Imports,TestImports,XTestImports", "./...")
		cmd.Dir = root
		out, err := cmd.Output()
		require.NoError(t, err)
		for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
			var listed struct {
				ImportPath, Name                   string
				Imports, TestImports, XTestImports []string
			}
			err := decoder.Decode(&listed)
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			p := byPath[listed.ImportPath]
			p.Path, p.Name = strings.TrimPrefix(listed.ImportPath, Module+"/"), listed.Name
			p.Imports = union(p.Imports, listed.Imports)
			p.TestImports = union(p.TestImports, listed.TestImports, listed.XTestImports)
			byPath[listed.ImportPath] = p
		}
	}
	var packages []Package
	for _, p := range byPath {
		packages = append(packages, p)
	}
	slices.SortFunc(packages, func(a, b Package) int { return strings.Compare(a.Path, b.Path) })
	return packages
}

func union(lists ...[]string) []string {
	all := slices.Concat(lists...)
	slices.Sort(all)
	return slices.Compact(all)
}
