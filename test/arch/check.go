package arch

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Module is the path all of ours begin with.
const Module = "github.com/freshet/freshet"

// Package is what the law needs to know of one. Imports are full import paths.
type Package struct {
	Path        string // below Module: "domain/feed"
	Name        string
	Imports     []string
	TestImports []string // of its tests, inside and outside the package
}

// Check returns every breach of the law by these packages, as sentences.
func (l Law) Check(packages []Package) []string {
	var breaches []string
	for _, p := range packages {
		breaches = append(breaches, l.judge(p)...)
	}
	return append(breaches, l.unused(packages)...)
}

func (l Law) judge(p Package) []string {
	room, ok := l.room(p.Path)
	if !ok {
		return []string{fmt.Sprintf("%s: is in no room of the house", p.Path)}
	}
	var breaches []string
	refuse := func(format string, args ...any) {
		breaches = append(breaches, p.Path+": "+fmt.Sprintf(format, args...))
	}
	if !within(p.Path, "idl/gen") {
		for _, name := range []string{p.Name, path.Base(p.Path)} {
			if slices.Contains(vague, name) {
				refuse("%q says nothing of what is inside", name)
				break
			}
		}
	}
	for _, imported := range p.Imports {
		if why := l.refusal(room, p.Path, imported); why != "" {
			refuse("imports %s: %s", imported, why)
		}
	}
	for _, imported := range p.TestImports {
		if _, others := classify(imported); others && !l.mayInTests(room, p.Path, imported) {
			refuse("its tests import %s: no rule allows that", imported)
		}
	}
	return breaches
}

// refusal says why the package at from, which is in room, may not import imported; nothing if it may.
func (l Law) refusal(room Room, from, imported string) string {
	ours, others := classify(imported)
	switch {
	case ours != "":
		if isContract(ours) && !isContract(from) && !room.Open {
			return "a contract suite is for tests only"
		}
		if room.Open || l.sameRoom(room, from, ours) || l.allows(from, ours) {
			return ""
		}
	case others:
		if l.allows(from, imported) || isContract(from) && l.allows(anyTest, imported) || room.Open {
			return ""
		}
	default:
		for _, ban := range l.Bans {
			if within(from, ban.From) && within(imported, ban.To) {
				return ban.Because
			}
		}
		return ""
	}
	return "no rule allows that"
}

func (l Law) mayInTests(room Room, from, imported string) bool {
	return room.Open || l.allows(from, imported) || l.allows(anyTest, imported)
}

// unused returns the rules that no package of a room which has packages makes use of. What tests import does not
// justify a rule among our own folders: tests need none.
func (l Law) unused(packages []Package) []string {
	var breaches []string
	for _, rule := range l.Rules {
		lived, used := false, false
		for _, p := range packages {
			if !within(p.Path, rule.From) && rule.From != anyTest {
				continue
			}
			lived = lived || strings.Contains(p.Path, "/") // a sign alone is no life
			imports := p.Imports
			if strings.Contains(rule.To, ".") {
				imports = slices.Concat(p.Imports, p.TestImports)
			}
			used = used || slices.ContainsFunc(imports, func(imported string) bool {
				ours, _ := classify(imported)
				return within(ours, rule.To) || within(imported, rule.To)
			})
		}
		if lived && !used {
			breaches = append(breaches, fmt.Sprintf("law: %s may import %s, and nobody does", rule.From, rule.To))
		}
	}
	return breaches
}

// CheckFolders returns every top-level folder that the house does not have. Those with a dot are everybody's own.
func (l Law) CheckFolders(names []string) []string {
	var breaches []string
	for _, name := range names {
		if _, ok := l.room(name); !ok && !slices.Contains(l.Outdoors, name) && !strings.HasPrefix(name, ".") {
			breaches = append(breaches, name+": is no folder of the house")
		}
	}
	return breaches
}

// CheckSign returns what is wrong with the text of a room's doc.go.
func (l Law) CheckSign(room, doc string) []string {
	want := "// " + l.Sign(room)
	if slices.Contains(strings.Split(doc, "\n"), want) {
		return nil
	}
	return []string{fmt.Sprintf("%s/doc.go: must have the line\n%s", room, want)}
}

// Sign is the law of a room as its doc.go says it.
func (l Law) Sign(name string) string {
	room, _ := l.room(name)
	var ours, others, never []string
	if !room.Context {
		ours = append(ours, name)
	}
	last := ""
	for _, rule := range l.Rules {
		folder, deeper := strings.CutPrefix(rule.From, name+"/")
		switch {
		case rule.From != name && !deeper:
		case strings.Contains(rule.To, ".") && deeper:
			others = append(others, rule.To+" ("+folder+")")
		case strings.Contains(rule.To, "."):
			others = append(others, rule.To)
		case room.Context && rule.From == last:
			ours[len(ours)-1] += " and " + path.Base(rule.To)
		case room.Context && deeper:
			ours = append(ours, folder+" → "+path.Base(rule.To))
		case room.Context:
			ours = append(ours, "all → "+path.Base(rule.To))
		default:
			ours = append(ours, rule.To)
		}
		last = rule.From
	}
	for _, ban := range l.Bans {
		if ban.From == name {
			never = append(never, ban.To)
		}
	}
	if len(others) == 0 {
		others = []string{"nothing"}
	}
	sign := "May import: " + strings.Join(ours, ", ") + "; of others': " + strings.Join(others, ", ")
	if len(never) > 0 {
		sign += "; never " + strings.Join(never, ", ")
	}
	return sign + "."
}

func (l Law) allows(from, to string) bool {
	return slices.ContainsFunc(l.Rules, func(r Rule) bool { return within(from, r.From) && within(to, r.To) })
}

func (l Law) room(of string) (Room, bool) {
	name, _, _ := strings.Cut(of, "/")
	i := slices.IndexFunc(l.Rooms, func(r Room) bool { return r.Name == name })
	if i < 0 {
		return Room{}, false
	}
	return l.Rooms[i], true
}

func (l Law) sameRoom(room Room, a, b string) bool {
	if room.Context {
		return context(a) == context(b)
	}
	return within(b, room.Name)
}

// context is the first two elements of a path: domain/feed of domain/feed/feedtest.
func context(of string) string {
	parts := strings.SplitN(of, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}

// isContract tells a contract suite, such as domain/feed/feedtest.
func isContract(of string) bool {
	return strings.Contains(of, "/") && strings.HasSuffix(of, "test")
}

// classify tells ours (by path below Module) from others'; neither is the standard library.
func classify(imported string) (ours string, others bool) {
	if below, ok := strings.CutPrefix(imported, Module+"/"); ok {
		return below, false
	}
	first, _, _ := strings.Cut(imported, "/")
	return "", strings.Contains(first, ".")
}

// within says whether of is folder or below it.
func within(of, folder string) bool {
	return of == folder || strings.HasPrefix(of, folder+"/")
}
