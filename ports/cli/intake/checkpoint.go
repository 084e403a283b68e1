package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// forgotten is after how long an import that nobody took up again is forgotten.
const forgotten = 30 * 24 * time.Hour

// checkpoint says how far one file has been acknowledged by one target.
type checkpoint struct {
	File   string    `json:"file"`
	Kind   string    `json:"kind"`
	Target string    `json:"target"`
	Line   int64     `json:"line"` // the last one that needs no second look
	Done   bool      `json:"done"`
	Counts Counts    `json:"counts"`
	Saved  time.Time `json:"saved"`

	path string // empty: it is not kept
}

// checkpoints are the files in one folder.
type checkpoints struct {
	folder string
	target string
}

// find returns the checkpoint of the source, new or as it was left.
func (c *checkpoints) find(kind string, s *source, restart bool) (*checkpoint, error) {
	fresh := &checkpoint{File: s.name, Kind: kind, Target: c.target}
	if s.id == "" || c.folder == "" {
		return fresh, nil
	}
	sum := sha256.Sum256([]byte(kind + "\x00" + c.target + "\x00" + s.id))
	fresh.path = filepath.Join(c.folder, hex.EncodeToString(sum[:12])+".json")
	if restart {
		return fresh, nil
	}
	text, err := os.ReadFile(fresh.path)
	if errors.Is(err, os.ErrNotExist) {
		return fresh, nil
	}
	if err != nil {
		return nil, err
	}
	left := *fresh
	if err := json.Unmarshal(text, &left); err != nil {
		return nil, fmt.Errorf("%s: cannot be read, use --restart: %w", fresh.path, err)
	}
	return &left, nil
}

// save puts the checkpoint in the place of the one before, so that a crash leaves one of the two.
func (c *checkpoint) save(now time.Time) error {
	if c.path == "" {
		return nil
	}
	c.Saved = now.UTC()
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(c.path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(c.path), "new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), c.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// drop forgets the checkpoint: the import it belongs to is complete.
func (c *checkpoint) drop() error {
	if c.path == "" {
		return nil
	}
	if err := os.Remove(c.path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// sweep removes what was left behind long ago; what it cannot remove stays.
func (c *checkpoints) sweep(now time.Time) {
	entries, _ := os.ReadDir(c.folder)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && now.Sub(info.ModTime()) > forgotten {
			_ = os.Remove(filepath.Join(c.folder, e.Name()))
		}
	}
}
