package wire

import (
	"iter"
	"slices"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/fault"
)

// Value is one valid JSON value without white space around it; nil is null. The parts it gives out share its
// memory.
type Value []byte

// Null reports whether the value is null.
func (v Value) Null() bool { return v.first() == 'n' }

// first is the byte that tells the type.
func (v Value) first() byte {
	if len(v) == 0 {
		return 'n'
	}
	return v[0]
}

// Object calls each with the fields in order and returns the first failure: of each, or its own for what is no
// object, for a name given twice or for one that is not UTF-8. It goes on after a failure, so that a refused
// object can be told by its id.
func (v Value) Object(each func(name string, v Value) *fault.Error) *fault.Error {
	if v.first() != '{' {
		return v.wanted("", "an object")
	}
	var room [16]string
	taken := room[:0] // that each took: few, for it refuses those it does not know
	var first *fault.Error
	for quoted, member := range v.fields() {
		name, err := quoted.word("")
		switch {
		case err != nil:
			err = ErrUTF8.Saying("the name of a field is not UTF-8")
		case slices.Contains(taken, name):
			err = ErrRepeated.On(name)
		default:
			err = each(name, member)
		}
		if first == nil {
			if first = err; err == nil {
				taken = append(taken, name)
			}
		}
	}
	return first
}

// words are names of fields and of acts.
var words = func() map[string]string {
	all := make(map[string]string)
	for _, name := range [...]string{
		"event_id", "type", "viewer", "item", "author", "at", "session", "context", "watch_ms", "duration_ms", "auto_presented",
	} {
		all[name] = name
	}
	for _, act := range audience.Acts() {
		all[act.String()] = act.String()
	}
	return all
}()

// Unknown refuses a field of an object.
func Unknown(name string) *fault.Error {
	return ErrUnknown.On(name).Saying("there is no field %q here", name)
}

// Get is the first field of that name in an object, or nil.
func (v Value) Get(name string) Value {
	if v.first() != '{' {
		return nil
	}
	for quoted, member := range v.fields() {
		if s, err := quoted.Text(""); err == nil && s == name {
			return member
		}
	}
	return nil
}

// Elements are those of a list; of another value there are none.
func (v Value) Elements() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if v.first() != '[' {
			return
		}
		for rest := space(v[1:]); rest[0] != ']'; rest = comma(rest) {
			var e Value
			if e, rest = next(rest); !yield(e) {
				return
			}
		}
	}
}

// fields are the names of an object, still quoted, and what they name.
func (v Value) fields() iter.Seq2[Value, Value] {
	return func(yield func(Value, Value) bool) {
		for rest := space(v[1:]); rest[0] != '}'; rest = comma(rest) {
			var name, member Value
			name, rest = next(rest)
			if member, rest = next(space(rest[1:])); !yield(name, member) { // after the colon
				return
			}
		}
	}
}

// next cuts the value at the start of b off the rest of valid JSON, and the white space after it.
func next(b []byte) (v Value, rest []byte) {
	n := length(b)
	return b[:n:n], space(b[n:])
}

func comma(b []byte) []byte {
	if b[0] == ',' {
		return space(b[1:])
	}
	return b
}

// length is how many bytes the value at the start of b takes; b is the rest of valid JSON.
func length(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			for i++; b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ':', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return i
			}
		}
	}
	return len(b)
}
