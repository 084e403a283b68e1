package audience

import (
	"time"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
)

// What tuning refuses.
var (
	ErrDirection  = fault.New(fault.Invalid, "bad_direction", `a direction is "more" or "less"`)
	ErrTarget     = fault.New(fault.Invalid, "bad_target", "a viewer tunes an item, an author or a tag")
	ErrNoDecision = fault.New(fault.NotFound, "tuning_not_found", "there is no such decision")
)

// Direction is which way a viewer steers.
type Direction int8

// The directions. The numbers are stored.
const (
	More Direction = 1
	Less Direction = -1
)

// ParseDirection fails with ErrDirection.
func ParseDirection(s string) (Direction, error) {
	switch s {
	case "more":
		return More, nil
	case "less":
		return Less, nil
	}
	return 0, ErrDirection.On("direction")
}

// String returns "more" or "less".
func (d Direction) String() string {
	if d == More {
		return "more"
	}
	return "less"
}

func (d Direction) valid() bool { return d == More || d == Less }

// TargetKind is what a decision is about.
type TargetKind uint8

// The kinds of target. The numbers are stored.
const (
	OnItem TargetKind = iota + 1
	OnAuthor
	OnTag
)

var targetNames = [...]string{OnItem: "item", OnAuthor: "author", OnTag: "tag"}

// String returns the kind as clients spell it.
func (k TargetKind) String() string {
	if int(k) < len(targetNames) {
		return targetNames[k]
	}
	return ""
}

// Target is one item, author or tag.
type Target struct {
	Kind TargetKind
	ID   string
}

// ParseTarget fails with ErrTarget on an unknown kind, catalog.ErrID or catalog.ErrTag on a bad id.
func ParseTarget(kind, id string) (Target, error) {
	for k := OnItem; k <= OnTag; k++ {
		if targetNames[k] == kind {
			t := Target{k, id}
			return t, t.check()
		}
	}
	return Target{}, ErrTarget.On("kind")
}

func (t Target) check() error {
	switch t.Kind {
	case OnItem, OnAuthor:
		if catalog.CheckID(t.ID) != nil {
			return catalog.ErrID.On("id")
		}
	case OnTag:
		if err := catalog.CheckTag(t.ID); err != nil {
			return catalog.ErrTag.On("id")
		}
	default:
		return ErrTarget.On("kind")
	}
	return nil
}

// Decision is one thing a viewer asked more or less of.
type Decision struct {
	Target    Target
	Direction Direction
	At        time.Time
}
