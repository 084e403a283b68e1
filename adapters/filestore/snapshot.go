package filestore

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/freshet/freshet/application/learning"
)

// Snapshot is learning.Snapshots: one file, replaced as a whole. Processes that share the path do each other no harm: the
// one that wrote last is read.
type Snapshot struct{ path string }

// NewSnapshot keeps what it is given at path, whose folder is made when it is missing.
func NewSnapshot(path string) *Snapshot { return &Snapshot{path} }

// Replace implements learning.Snapshots. What write writes is on the disk before it takes the place of what was there.
func (s *Snapshot) Replace(write func(io.Writer) error) (size int64, err error) {
	dir := filepath.Dir(s.path)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return 0, err
	}
	file, err := os.CreateTemp(dir, filepath.Base(s.path)+".*.new") // for its owner alone
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			_ = file.Close()
			_ = os.Remove(file.Name())
		}
	}()
	if err := write(file); err != nil {
		return 0, err
	}
	if err := file.Sync(); err != nil {
		return 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	if err := file.Close(); err != nil {
		return 0, err
	}
	return info.Size(), os.Rename(file.Name(), s.path)
}

// Look reads what is kept, beside a process that may be replacing it. It fails as Open does.
func (s *Snapshot) Look() (io.ReadCloser, error) {
	file, err := os.Open(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, learning.ErrNoSnapshot
	}
	if err != nil {
		return nil, learning.ErrSnapshotDamaged.Because(err)
	}
	return file, nil
}

// Open implements learning.Snapshots. What a process that died left half written goes.
func (s *Snapshot) Open() (io.ReadCloser, error) {
	left, _ := filepath.Glob(s.path + ".*.new")
	for _, path := range left {
		_ = os.Remove(path)
	}
	return s.Look()
}

// Remove implements learning.Snapshots.
func (s *Snapshot) Remove() error {
	if err := os.Remove(s.path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

var _ learning.Snapshots = (*Snapshot)(nil)
