package learning

import (
	"encoding/binary"
	"io"

	"github.com/freshet/freshet/domain/audience"
)

const notebookMagic = "freshet learned\x01" // the last byte changes with the format

// head is how a snapshot begins.
type head struct {
	fingerprint uint64
	upTo        uint64
	last        uint64 // a digest of the id of the event there: another log has another
}

func (h *head) write(w io.Writer) error {
	b := []byte(notebookMagic)
	for _, x := range []uint64{h.fingerprint, h.upTo, h.last} {
		b = binary.LittleEndian.AppendUint64(b, x)
	}
	_, err := w.Write(b)
	return err
}

func readHead(r io.Reader) (h head, err error) {
	b := make([]byte, len(notebookMagic)+24)
	if _, err := io.ReadFull(r, b); err != nil {
		return h, ErrSnapshotDamaged.Because(err)
	}
	if string(b[:len(notebookMagic)]) != notebookMagic {
		return h, ErrSnapshotDamaged
	}
	b = b[len(notebookMagic):]
	for i, x := range []*uint64{&h.fingerprint, &h.upTo, &h.last} {
		*x = binary.LittleEndian.Uint64(b[8*i:])
	}
	return h, nil
}

// save writes what the student and its model know at one moment.
func (s *Student) save(to io.Writer, model Lasting) (upTo uint64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := head{fingerprint: s.o.fingerprint(), upTo: s.model.Model(), last: s.last}
	if err := h.write(to); err != nil {
		return 0, err
	}
	if err := s.write(to); err != nil {
		return 0, err
	}
	return h.upTo, model.Save(to)
}

// restore takes over what save wrote after the head: all of it, or nothing.
func (s *Student) restore(from io.Reader, model Lasting, h head) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.read(from)
	if err != nil {
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
