package docs

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// House is what there is to write about.
type House struct {
	Root     string
	Files    map[string]bool            // names of files, without their folders
	Names    map[string]map[string]bool // exported names by package, as path from the root: Name, Type.Method, Type.Field
	Packages map[string][]string        // package name → paths of those
	Metrics  map[string]bool            // as the source registers them
	Said,    // values of metainfo, which are spelled like variables
	Tested, // variables that tests read
	Deployed map[string]bool // variables of the build and of deployments
	Targets     map[string]bool // of the Makefile
	Routes      []string        // "GET /v1/feeds/{feed}"
	Uncommented []string        // packages without a comment of their own
}

var (
	metric = regexp.MustCompile(`"(freshet_[a-z_]+)"`)
	target = regexp.MustCompile(`(?m)^([a-z-]+):`)
)

// ReadHouse reads the tree at root; routes are told, because they are known when a server runs.
func ReadHouse(root string, routes []string) (*House, error) {
	h := &House{Root: root, Files: map[string]bool{}, Names: map[string]map[string]bool{}, Packages: map[string][]string{}, Metrics: map[string]bool{},
		Targets: map[string]bool{}, Said: map[string]bool{}, Tested: map[string]bool{}, Deployed: map[string]bool{}, Routes: routes}
	commented := map[string]bool{}
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		rel = filepath.ToSlash(rel)
		if e.IsDir() {
			if rel == ".git" || rel == "bin" || rel == "idl/gen" || e.Name() == "testdata" {
				return filepath.SkipDir
			}
			return nil
		}
		h.Files[e.Name()] = true
		built := rel == "Makefile" || rel == ".ci/run" || strings.HasPrefix(rel, "deploy/")
		if path.Ext(rel) != ".go" && !built {
			return nil
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		if built {
			note(h.Deployed, variable, text)
			if rel == "Makefile" {
				note(h.Targets, target, text)
			}
			return nil
		}
		if strings.HasPrefix(rel, "test/") && !strings.HasPrefix(rel, "test/docs/") {
			note(h.Tested, variable, text)
		}
		return h.readSource(rel, text, commented)
	})
	for dir := range h.Names {
		if !commented[dir] {
			h.Uncommented = append(h.Uncommented, dir)
		}
	}
	return h, err
}

// note adds what the last group of a pattern finds.
func note(to map[string]bool, pattern *regexp.Regexp, text []byte) {
	for _, m := range pattern.FindAllSubmatch(text, -1) {
		to[string(m[len(m)-1])] = true
	}
}

func (h *House) readSource(rel string, text []byte, commented map[string]bool) error {
	file, err := parser.ParseFile(token.NewFileSet(), rel, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("%s: %w", rel, err)
	}
	dir := path.Dir(rel)
	if h.Names[dir] == nil {
		h.Names[dir] = map[string]bool{}
		name := strings.TrimSuffix(file.Name.Name, "_test")
		h.Packages[name] = append(h.Packages[name], dir)
	}
	if file.Doc != nil && !strings.HasSuffix(rel, "_test.go") && begins(file.Doc.Text(), file.Name.Name) {
		commented[dir] = true
	}
	if strings.HasSuffix(rel, "_test.go") {
		return nil
	}
	if !strings.HasPrefix(rel, "test/") {
		note(h.Metrics, metric, text)
	}
	if dir == "ports/wire" {
		note(h.Said, variable, text)
	}
	for _, d := range file.Decls {
		h.declare(dir, d)
	}
	return nil
}

// begins says whether a comment is one of a package: "Package p …", or "Command c …" of a program.
func begins(comment, name string) bool {
	words := strings.Fields(comment)
	return len(words) > 2 && (words[0] == "Package" && words[1] == name || words[0] == "Command" && name == "main")
}

func (h *House) declare(dir string, d ast.Decl) {
	names := h.Names[dir]
	switch d := d.(type) {
	case *ast.FuncDecl:
		names[receiver(d)+d.Name.Name] = true
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.ValueSpec:
				for _, n := range s.Names {
					names[n.Name] = true
				}
			case *ast.TypeSpec:
				names[s.Name.Name] = true
				for _, m := range members(s.Type) {
					names[s.Name.Name+"."+m] = true
				}
			}
		}
	}
}

func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name + "."
	}
	return "?."
}

func members(t ast.Expr) (names []string) {
	var fields *ast.FieldList
	switch t := t.(type) {
	case *ast.StructType:
		fields = t.Fields
	case *ast.InterfaceType:
		fields = t.Methods
	default:
		return nil
	}
	for _, f := range fields.List {
		for _, n := range f.Names {
			names = append(names, n.Name)
		}
	}
	return names
}
