package intake

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Stdin is the name of the standard input among files.
const Stdin = "-"

// identityBytes is how much of a file's beginning tells it from others.
const identityBytes = 64 << 10

// source is an open file.
type source struct {
	name  string // as it was given; "stdin" for Stdin
	id    string // tells this content at this path from others; empty when it cannot be read again
	size  int64  // on disk; -1 when unknown
	read  int64  // so far, of what is on disk
	text  io.Reader
	close func() error
}

func open(name string, stdin io.Reader) (*source, error) {
	if name == Stdin {
		s := &source{name: "stdin", size: -1, close: func() error { return nil }}
		return s, s.unpack(stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	s := &source{name: name, size: -1, close: f.Close}
	if err := s.identify(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if err := s.unpack(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

// identify reads the beginning of a regular file; others, such as pipes, are read once only.
func (s *source) identify(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("%s: is a folder", s.name)
	}
	if !info.Mode().IsRegular() {
		return nil
	}
	path, err := filepath.Abs(s.name)
	if err != nil {
		return err
	}
	head, err := io.ReadAll(io.LimitReader(f, identityBytes))
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	s.size = info.Size()
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%x", path, s.size, sha256.Sum256(head)))
	s.id = hex.EncodeToString(sum[:])
	return nil
}

// unpack reads through gzip when the content begins as gzip does.
func (s *source) unpack(r io.Reader) error {
	packed := bufio.NewReaderSize(&counting{r, &s.read}, 64<<10)
	s.text = packed
	magic, err := packed.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	if !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		if strings.HasSuffix(s.name, ".gz") && len(magic) > 0 {
			return fmt.Errorf("%s: is named .gz and does not hold gzip", s.name)
		}
		return nil
	}
	if s.text, err = gzip.NewReader(packed); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	return nil
}

type counting struct {
	r io.Reader
	n *int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	*c.n += int64(n)
	return n, err
}
