package redisstore

import (
	"github.com/freshet/freshet/domain/catalog"
)

// EncodeItem is the item as a copy keeps it.
func EncodeItem(s *catalog.Snapshot) string { return string(appendSnapshot(nil, s)) }

// DecodeItem shares no memory that can be changed with anybody. It is false for what EncodeItem did not make.
func DecodeItem(contents string) (catalog.Snapshot, bool) { return decodeSnapshot(contents) }
