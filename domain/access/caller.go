package access

import (
	"strings"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/fault"
)

// Why a call is refused.
var (
	ErrUnproven = fault.New(fault.Unproven, "unauthenticated", "this needs a token or a key")
	ErrDenied   = fault.New(fault.Denied, "forbidden", "the token or key does not allow this")
	ErrForeign  = fault.New(fault.Denied, "foreign_viewer", "the token is another viewer's").On("viewer")
)

// Deed is what a call is about to do.
type Deed uint8

// The deeds. Those up to Erase are done for one viewer.
const (
	Watch    Deed = iota // read pages, sessions and decisions
	Act                  // report events, and decide
	Export               // read all that is kept
	Erase                // remove all that is kept
	Browse               // read the catalogue, hidden items included
	Publish              // change the catalogue
	Operate              // use the admin plane
	numDeeds = int(iota)
)

// deeds say which scopes allow each of them for everybody, and whether viewers may do it for themselves.
var deeds = [numDeeds]struct {
	name   string
	scopes Scopes
	own    bool
}{
	Watch:   {"watch", FeedsRead.only() | Admin.only(), true},
	Act:     {"act", EventsWrite.only() | Admin.only(), true},
	Export:  {"export", Admin.only(), true},
	Erase:   {"erase", Admin.only(), true},
	Browse:  {"browse", FeedsRead.only() | ItemsWrite.only() | Admin.only(), false},
	Publish: {"publish", ItemsWrite.only() | Admin.only(), false},
	Operate: {"operate", Admin.only(), false},
}

// String is the deed's name.
func (d Deed) String() string { return deeds[d].name }

// Caller is who calls, as far as it was proven. The zero Caller is a stranger who may do nothing.
type Caller struct {
	name   string // of a service, or the subject of a token; empty: of a stranger
	viewer audience.ViewerID
	scopes Scopes
	open   bool
	adrift string // a stranger may watch as a viewer whose id begins so; "": as nobody
}

// Trusted is whoever calls where nobody is asked to prove anything.
func Trusted() Caller { return Caller{name: "anyone", open: true} }

// Stranger is whoever proves nothing. They may watch and act for viewers whose ids begin with prefix, if it is not empty.
func Stranger(prefix string) Caller { return Caller{adrift: prefix} }

// Service is a program that proved its name.
func Service(name string, scopes Scopes) Caller {
	return Caller{name: name, scopes: scopes}
}

// Bearer is whose token names them: a viewer, who may have scopes beside.
func Bearer(viewer audience.ViewerID, scopes Scopes) Caller {
	return Caller{name: string(viewer), viewer: viewer, scopes: scopes}
}

// Viewer is whom the caller's token names, or empty.
func (c Caller) Viewer() audience.ViewerID { return c.viewer }

// May is nil when the caller may do the deed for the viewer; for a deed that concerns no viewer, or a viewer who is made up for
// this one session, viewer is empty. It fails with ErrUnproven, ErrDenied or ErrForeign.
func (c Caller) May(d Deed, viewer audience.ViewerID) error {
	rule := &deeds[d]
	switch {
	case c.open, c.scopes&rule.scopes != 0:
		return nil
	case !rule.own:
	case viewer == "" && d == Watch:
		return nil // somebody that nobody else is
	case c.viewer != "" && c.viewer == viewer:
		return nil
	case c.viewer != "":
		return ErrForeign
	case (d == Watch || d == Act) && c.adrift != "" && strings.HasPrefix(string(viewer), c.adrift):
		return nil
	}
	if c.name == "" {
		return ErrUnproven
	}
	return ErrDenied.Saying("%s is not allowed to %s; that takes %s", c.name, rule.name, strings.Join(rule.scopes.Names(), " or "))
}

// MaySome is nil when there is a viewer for whom the caller may do the deed: so that a call can be refused before it is known
// whom it concerns.
func (c Caller) MaySome(d Deed) error {
	switch {
	case c.viewer != "":
		return c.May(d, c.viewer)
	case c.adrift != "":
		return c.May(d, audience.ViewerID(c.adrift))
	}
	return c.May(d, "-")
}
