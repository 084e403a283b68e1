package filestore_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/filestore"
	"github.com/freshet/freshet/application/learning"
)

func write(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func read(t *testing.T, s *filestore.Snapshot) string {
	t.Helper()
	from, err := s.Open()
	require.NoError(t, err)
	text, err := io.ReadAll(from)
	require.NoError(t, err)
	require.NoError(t, from.Close())
	return string(text)
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestTheLastOneStays(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made")
	s := filestore.NewSnapshot(filepath.Join(dir, "s"))
	_, err := s.Open()
	require.ErrorIs(t, err, learning.ErrNoSnapshot)
	require.NoError(t, s.Remove(), "there is nothing to remove")
	for _, text := range []string{"one and more", "two", ""} {
		size, err := s.Replace(write(text))
		require.NoError(t, err)
		require.EqualValues(t, len(text), size)
		require.Equal(t, text, read(t, s))
	}
	info, err := os.Stat(filepath.Join(dir, "s"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode(), "nobody else reads it")
	require.Equal(t, []string{"s"}, files(t, dir))
	require.NoError(t, s.Remove())
	_, err = s.Open()
	require.ErrorIs(t, err, learning.ErrNoSnapshot)
	require.Empty(t, files(t, dir))
}

func TestWhatCannotBeWrittenReplacesNothing(t *testing.T) {
	dir := t.TempDir()
	s := filestore.NewSnapshot(filepath.Join(dir, "s"))
	_, err := s.Replace(write("whole"))
	require.NoError(t, err)
	broken := errors.New("broken")
	_, err = s.Replace(func(w io.Writer) error { return errors.Join(write("half")(w), broken) })
	require.ErrorIs(t, err, broken)
	require.Equal(t, "whole", read(t, s))
	require.Equal(t, []string{"s"}, files(t, dir))
}

func TestWhatADeadProcessLeftGoes(t *testing.T) {
	dir := t.TempDir()
	s := filestore.NewSnapshot(filepath.Join(dir, "s"))
	_, err := s.Replace(write("whole"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "s.123.new"), []byte("half"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "other.123.new"), []byte("another's"), 0o600))
	require.Equal(t, "whole", read(t, s))
	require.Equal(t, []string{"other.123.new", "s"}, files(t, dir))
}

func TestAPathThatCannotBeReadIsNotGoneOnFrom(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	s := filestore.NewSnapshot(filepath.Join(file, "s"))
	_, err := s.Open()
	require.ErrorIs(t, err, learning.ErrSnapshotDamaged)
	_, err = s.Replace(write("x"))
	require.Error(t, err)
}
