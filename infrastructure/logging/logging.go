// Package logging makes the log that a process writes.
package logging

import (
	"fmt"
	"io"
	"log/slog"
)

// Options say what is logged, and how.
type Options struct {
	Level  string // debug, info, warn, error
	Format string // json, for machines; console, for people
}

// New returns a logger that writes whole lines to w, safe for concurrent use. Nothing is buffered,
// and nothing is to be closed.
func New(o Options, w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(o.Level)); err != nil {
		return nil, fmt.Errorf("%q is no level of logging", o.Level)
	}
	opts := &slog.HandlerOptions{Level: level}
	switch o.Format {
	case "json":
		return slog.New(slog.NewJSONHandler(w, opts)), nil
	case "console":
		return slog.New(slog.NewTextHandler(w, opts)), nil
	}
	return nil, fmt.Errorf("%q is no format of logging", o.Format)
}
