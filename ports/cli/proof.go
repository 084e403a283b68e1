package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// mostKey is how long a key or token in a file may be, in bytes.
const mostKey = 8 << 10

// proof is what a command proves itself with to a running service: a key is read from a file, so that it does not stand in the
// list of processes.
type proof struct{ file string }

func (p *proof) flag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&p.file, "key-file", "", "`FILE` with a key, where the service asks callers who they are")
}

// read returns what the file holds; without one, nothing.
func (p *proof) read() (string, error) {
	if p.file == "" {
		return "", nil
	}
	text, err := os.ReadFile(p.file)
	if err != nil {
		return "", Misuse(fmt.Errorf("--key-file: %w", err))
	}
	key := strings.TrimSpace(string(text))
	if key == "" || len(key) > mostKey || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", Misuse(errors.New("--key-file: the file holds no key"))
	}
	return key, nil
}
