package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// The exit codes.
const (
	Done        = 0
	Failed      = 1 // it could not be done; of a strict import: lines were refused
	Misused     = 2 // the command line or the configuration is wrong
	Unfinished  = 3 // an import ended before the end of its files
	Interrupted = 130
)

// Exit is an error with the code that the process ends with.
type Exit struct {
	Code int
	Err  error // nil: everything has been said
}

func (e *Exit) Error() string {
	if e.Err == nil {
		return ""
	}
	return e.Err.Error()
}

// Unwrap returns the error that is told.
func (e *Exit) Unwrap() error { return e.Err }

// Misuse marks an error as one of the command line or the configuration.
func Misuse(err error) error {
	if err == nil {
		return nil
	}
	return &Exit{Misused, err}
}

// Run runs the command line, tells an error in one line on standard error, and returns the exit code.
func Run(ctx context.Context, root *cobra.Command) int {
	err := root.ExecuteContext(ctx)
	if err == nil {
		return Done
	}
	code := Failed
	var exit *Exit
	if errors.As(err, &exit) {
		code = exit.Code
	}
	if text := strings.Join(strings.Fields(err.Error()), " "); text != "" {
		fmt.Fprintln(root.ErrOrStderr(), "freshet:", text)
	}
	return code
}

// misusing marks what cobra refuses by itself before a command runs.
func misusing(args cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, given []string) error {
		err := args(cmd, given)
		if err == nil {
			return nil
		}
		return Misuse(fmt.Errorf("%w; see %s --help", err, cmd.CommandPath()))
	}
}
