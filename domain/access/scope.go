package access

import (
	"strings"

	"github.com/freshet/freshet/domain/fault"
)

// ErrScope refuses a scope that there is not.
var ErrScope = fault.New(fault.Invalid, "bad_scope", "there is no such scope; there are items:write, events:write, feeds:read and admin")

// Scope is one thing that a caller may do for everybody.
type Scope uint8

// The scopes.
const (
	ItemsWrite  Scope = 1 << iota // change and read the catalogue
	EventsWrite                   // report what any viewer did, and decide for them
	FeedsRead                     // read any viewer's pages, sessions and decisions, and the catalogue
	Admin                         // everything, export, erasure and the admin plane included
)

var scopes = []struct {
	scope Scope
	name  string
}{{ItemsWrite, "items:write"}, {EventsWrite, "events:write"}, {FeedsRead, "feeds:read"}, {Admin, "admin"}}

// Scopes is a set of them; its zero value is empty.
type Scopes uint8

// ParseScopes reads names. It fails with ErrScope.
func ParseScopes(names []string) (Scopes, error) {
	var set Scopes
	for _, name := range names {
		s, ok := scopeByName(name)
		if !ok {
			return 0, ErrScope.Saying("there is no scope %q; there are %s", name, (ItemsWrite.only() | EventsWrite.only() | FeedsRead.only() | Admin.only()).String())
		}
		set |= s.only()
	}
	return set, nil
}

// KnownScopes takes from names, as a token of others' making lists them, those that there are.
func KnownScopes(names []string) (set Scopes) {
	for _, name := range names {
		if s, ok := scopeByName(name); ok {
			set |= s.only()
		}
	}
	return set
}

func scopeByName(name string) (Scope, bool) {
	for _, s := range scopes {
		if s.name == name {
			return s.scope, true
		}
	}
	return 0, false
}

func (s Scope) only() Scopes { return Scopes(s) }

// Names lists the set in the order of the constants.
func (s Scopes) Names() []string {
	var names []string
	for _, known := range scopes {
		if s&known.scope.only() != 0 {
			names = append(names, known.name)
		}
	}
	return names
}

// String joins the names by blanks, as the scope of a token does.
func (s Scopes) String() string { return strings.Join(s.Names(), " ") }
