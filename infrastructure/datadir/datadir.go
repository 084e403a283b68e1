// Package datadir is the folder in which one process keeps its files.
package datadir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrInUse says that another process works in the folder.
var ErrInUse = errors.New("another freshet process is using this data folder")

// Dir is a folder that this process holds until Close.
type Dir struct {
	path string
	lock *os.File
}

// Open makes the folder if it is not there and takes it for this process alone. It fails with
// ErrInUse while another process holds it; a process that died holds nothing.
func Open(path string) (*Dir, error) {
	if err := os.MkdirAll(path, 0o750); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := lock(f); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("%w: %s", ErrInUse, path)
	}
	return &Dir{path, f}, nil
}

// File is the path of a file in the folder.
func (d *Dir) File(name string) string { return filepath.Join(d.path, name) }

// Close lets the folder go.
func (d *Dir) Close() error { return d.lock.Close() }
