package docs

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Check says what the document names that is not there, each as path:line: what.
func (h *House) Check(d Document) (wrong []string) {
	for _, check := range []func(Document, func(line int, format string, args ...any)){
		h.links, h.paths, h.names, h.glossary, h.commands, h.metrics, h.routes, h.variables, h.keys, h.configurations,
	} {
		check(d, func(line int, format string, args ...any) {
			wrong = append(wrong, fmt.Sprintf("%s:%d: ", d.Path, line)+fmt.Sprintf(format, args...))
		})
	}
	return wrong
}

func (h *House) exists(rel string) bool {
	if strings.Contains(rel, "*") {
		found, err := filepath.Glob(filepath.Join(h.Root, rel))
		return err == nil && len(found) > 0
	}
	_, err := os.Stat(filepath.Join(h.Root, rel))
	return err == nil
}

// links lead to files, and to headings where they name one.
func (h *House) links(d Document, say func(int, string, ...any)) {
	for _, l := range d.Links() {
		if strings.Contains(l.Text, "://") {
			continue
		}
		file, heading, _ := strings.Cut(l.Text, "#")
		to := d.Path
		if file != "" {
			to = path.Join(path.Dir(d.Path), file)
		}
		switch {
		case to != d.Path && (strings.HasPrefix(to, "..") || !h.exists(to)):
			say(l.Line, "there is no file %s", to)
		case heading != "" && !h.heads(d, to, heading):
			say(l.Line, "%s has no heading %s", to, heading)
		}
	}
}

func (h *House) heads(d Document, to, anchor string) bool {
	if to != d.Path {
		text, err := os.ReadFile(filepath.Join(h.Root, to))
		if err != nil {
			return false
		}
		d = Document{to, string(text)}
	}
	for _, line := range d.prose() {
		if title, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && strings.HasPrefix(line, "#") && anchorOf(title) == anchor {
			return true
		}
	}
	return false
}

var notInAnchors = regexp.MustCompile(`[^\p{L}\p{N} _-]`)

func anchorOf(title string) string {
	return strings.ReplaceAll(strings.ToLower(notInAnchors.ReplaceAllString(title, "")), " ", "-")
}

var (
	looksLikePath = regexp.MustCompile(`^\.?[\w*-]+(/[\w.*-]+)*/?$`)
	extension     = regexp.MustCompile(`\.(go|md|sql|lua|yaml|thrift|html|mod)$`)
)

// paths in code spans are files or folders of the repository, seen from its root; a file may be named without
// its folder.
func (h *House) paths(d Document, say func(int, string, ...any)) {
	for _, s := range d.Spans() {
		if !looksLikePath.MatchString(strings.TrimSuffix(s.Text, path.Ext(s.Text))) {
			continue
		}
		top, _, deep := strings.Cut(s.Text, "/")
		if top == "bin" || strings.HasPrefix(s.Text, "/") {
			continue // built, or a route
		}
		if (deep && h.exists(top) || extension.MatchString(s.Text)) && !h.exists(s.Text) && !h.Files[s.Text] {
			say(s.Line, "there is no file %s", s.Text)
		}
	}
}

var qualified = regexp.MustCompile(`^([a-z]+)\.([A-Z]\w*(?:\.[A-Z]\w*)?)$`)

// names such as feed.Page or serving.Ladder.Look are exported by a package of that name.
func (h *House) names(d Document, say func(int, string, ...any)) {
	for _, s := range d.Spans() {
		m := qualified.FindStringSubmatch(strings.TrimSuffix(s.Text, "()"))
		if m == nil {
			continue
		}
		if !slices.ContainsFunc(h.Packages[m[1]], func(dir string) bool { return h.Names[dir][m[2]] }) {
			say(s.Line, "no package %s has %s", m[1], m[2])
		}
	}
}

// A row of the glossary names packages, each with the names that follow it.
func (h *House) glossary(d Document, say func(int, string, ...any)) {
	for i, line := range d.prose() {
		if !strings.HasPrefix(line, "|") {
			continue
		}
		dir := ""
		for _, m := range span.FindAllStringSubmatch(line, -1) {
			switch {
			case h.Names[m[1]] != nil:
				dir = m[1]
			case dir != "" && goName.MatchString(m[1]) && !h.Names[dir][m[1]]:
				say(i+1, "package %s has no %s", dir, m[1])
			}
		}
	}
}

var goName = regexp.MustCompile(`^[A-Z]\w*$`)
