package learning

import (
	"encoding/binary"
	"io"

	"github.com/freshet/freshet/domain/audience"
)

const notebookMagic = "freshet learned\x04" // the last byte changes with the format

// head is how a snapshot begins.
type head struct {
	fingerprint uint64
	upTo        uint64
	last        uint64 // a digest of the id of the event there: another log has another
	heard       uint64 // how far this instance had heard of erasures
}

func (h *head) write(w io.Writer) error {
	b := []byte(notebookMagic)
	for _, x := range []uint64{h.fingerprint, h.upTo, h.last, h.heard} {
		b = binary.LittleEndian.AppendUint64(b, x)
	}
	_, err := w.Write(b)
	return err
}

func readHead(r io.Reader) (h head, err error) {
	b := make([]byte, len(notebookMagic)+32)
	if _, err := io.ReadFull(r, b); err != nil {
		return h, ErrSnapshotDamaged.Because(err)
	}
	if string(b[:len(notebookMagic)]) != notebookMagic {
		return h, ErrSnapshotDamaged
	}
	b = b[len(notebookMagic):]
	for i, x := range []*uint64{&h.fingerprint, &h.upTo, &h.last, &h.heard} {
		*x = binary.LittleEndian.Uint64(b[8*i:])
	}
	return h, nil
}

// save writes what the student, what waits for it and its model know at one moment.
func (s *Student) save(to io.Writer, model Lasting, heard uint64, waiting func(io.Writer) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := head{fingerprint: s.o.fingerprint(), upTo: s.Model(), last: s.last, heard: heard}
	if err := h.write(to); err != nil {
		return err
	}
	if err := s.write(to); err != nil {
		return err
	}
	if err := waiting(to); err != nil {
		return err
	}
	return model.Save(to)
}

// restore takes over what save wrote after the head: all of it, or nothing.
func (s *Student) restore(from io.Reader, model Lasting, h head, waiting func(io.Reader) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.read(from)
	if err != nil {
		return err
	}
	if err := waiting(from); err != nil {
		return err
	}
	if err := model.Restore(from); err != nil {
		return err
	}
	s.last = h.last
	s.adopt(r)
	return nil
}

func (s *Student) forget(viewer audience.ViewerID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pupils.forget(viewer)
}
