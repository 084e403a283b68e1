package redisstore

import (
	"encoding/binary"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// EncodeItem is the item as a copy keeps it.
func EncodeItem(s *catalog.Snapshot) string { return string(appendSnapshot(nil, s)) }

// DecodeItem shares no memory that can be changed with anybody. It is false for what EncodeItem did not make.
func DecodeItem(contents string) (catalog.Snapshot, bool) { return decodeSnapshot(contents) }

const viewerForm = 1

// EncodeViewer is what the viewer decided as a copy keeps it.
func EncodeViewer(v *audience.Viewer) string {
	pairs := encodeViewer(v)
	b := binary.AppendUvarint([]byte{viewerForm}, uint64(len(pairs)/2))
	for _, text := range pairs {
		b = appendText(b, text.(string))
	}
	return string(b)
}

// DecodeViewer makes a new viewer of it. It is false for what EncodeViewer did not make.
func DecodeViewer(id audience.ViewerID, contents string) (*audience.Viewer, bool) {
	r := scanner{s: contents}
	if r.byte() != viewerForm {
		return nil, false
	}
	n := r.count(2)
	pairs := make([]string, 2*n)
	for i := range pairs {
		pairs[i] = r.text()
	}
	return decodeViewer(id, pairs), r.done()
}
