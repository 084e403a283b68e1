// Package fault names the ways a request can fail. It is the only kernel all contexts share.
//
// A kind says who can act on the failure; a code is the stable name that clients match on; a field
// names the part of the input that was refused. Every port maps kinds to its protocol in one place,
// and nothing else switches on them.
package fault

import (
	"errors"
	"fmt"
)

// Kind says who can act on a failure.
type Kind uint8

// The kinds, closed.
const (
	Internal    Kind = iota // our bug; the operator acts
	Invalid                 // the client must change the request
	Denied                  // the client may not do this
	NotFound                // there is no such thing
	Conflict                // the state forbids it now
	Gone                    // it existed and has ended; start anew
	Limited                 // too much; the same request may pass later
	Unavailable             // something behind us did not answer; the same request may pass later
	Unproven                // the client must say who it is, and prove it
)

var kindNames = [...]string{"internal", "invalid", "denied", "not_found", "conflict", "gone", "limited", "unavailable", "unproven"}

// String returns the kind's name, such as "not_found".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "internal"
}

// Error is a failure with a kind, a stable code, a message for people and, for refused input, a field.
// It is immutable: On, Saying and Because return changed copies that still match the original by errors.Is.
type Error struct {
	kind    Kind
	code    string
	message string
	field   string
	cause   error
}

// New makes a failure to be declared once as a package variable.
func New(kind Kind, code, message string) *Error {
	return &Error{kind: kind, code: code, message: message}
}

// Kind says who can act.
func (e *Error) Kind() Kind { return e.kind }

// Code is the stable name, such as "cursor_expired".
func (e *Error) Code() string { return e.code }

// Message is for people; it never holds secrets and may be shown to clients.
func (e *Error) Message() string { return e.message }

// Field names the refused part of the input, or is empty.
func (e *Error) Field() string { return e.field }

// Retryable reports whether the same request may pass later.
func (e *Error) Retryable() bool { return e.kind == Limited || e.kind == Unavailable }

// Error implements error; unlike Message it includes the cause, for logs.
func (e *Error) Error() string {
	s := e.code + ": " + e.message
	if e.field != "" {
		s = e.field + ": " + s
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is the same failure: kind and code decide, message and field do not.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.kind == e.kind && t.code == e.code
}

// On returns a copy that names the refused field.
func (e *Error) On(field string) *Error {
	c := *e
	c.field = field
	return &c
}

// Saying returns a copy with a more exact message.
func (e *Error) Saying(format string, args ...any) *Error {
	c := *e
	c.message = fmt.Sprintf(format, args...)
	return &c
}

// Because returns a copy with a cause, for logs only.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

var errInternal = New(Internal, "internal", "something went wrong on our side")

// Of returns the outermost *Error in err's chain, or an internal one caused by err. Of(nil) is nil.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return errInternal.Because(err)
}

// Is reports whether err's outermost failure is of the kind.
func Is(err error, kind Kind) bool {
	return err != nil && Of(err).kind == kind
}
