package redisstore

import (
	"context"

	"github.com/freshet/freshet/application/erasing"
	"github.com/freshet/freshet/domain/audience"
)

// Eraser removes what is held of a viewer.
type Eraser struct{ c *Client }

// NewEraser erases in c.
func NewEraser(c *Client) *Eraser { return &Eraser{c} }

// erasedKinds name what scripts/erase.lua counts, in its order.
var erasedKinds = [...]string{"decisions", "actions", "served", "seen", "consumed", "sessions", "bookmarks"}

// Erase implements erasing.Store. It removes the viewer's knowledge, sessions, bookmarks and the exposures that are not archived
// yet, and says how many there were of each kind. What a consumer of exposures has taken and not yet
// kept may still reach the archive: erase there after it. Erasing again finds nothing.
func (e *Eraser) Erase(ctx context.Context, viewer audience.ViewerID) ([]erasing.Removed, error) {
	k := e.c.keysOf(viewer)
	defer e.c.wills.forget(viewer) // after what a page may be keeping meanwhile
	counts, err := eraseScript.Run(ctx, e.c.rdb,
		[]string{
			k.will, k.past, k.served, k.sessions, k.marks, k.token,
			k.former("will"), k.former("acts"), k.formerServed(), k.former("seen"), k.former("consumed"),
		}, k.root, k.viewer,
	).Int64Slice()
	if err != nil {
		return nil, unavailable(err)
	}
	removed := make([]erasing.Removed, len(erasedKinds), len(erasedKinds)+1)
	for i, kind := range erasedKinds {
		removed[i] = erasing.Removed{Store: "redis", What: kind, Count: counts[i]}
	}
	waiting, err := e.eraseExposures(ctx, k.exposures, viewer)
	return append(removed, erasing.Removed{Store: "redis", What: "exposures", Count: waiting}), err
}

// eraseExposures walks the one stream that can hold the viewer's.
func (e *Eraser) eraseExposures(ctx context.Context, stream string, viewer audience.ViewerID) (removed int64, err error) {
	for from := "-"; ; {
		entries, err := e.c.rdb.XRangeN(ctx, stream, from, "+", batch).Result()
		if err != nil {
			return removed, unavailable(err)
		}
		if len(entries) == 0 {
			return removed, nil
		}
		from = "(" + entries[len(entries)-1].ID
		var ids []string
		for _, entry := range entries {
			text, _ := entry.Values["v"].(string)
			if visit, ok := decodeVisit(text); ok && visit.Viewer == viewer {
				ids = append(ids, entry.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		pipe := e.c.rdb.Pipeline()
		deleted := pipe.XDel(ctx, stream, ids...)
		pipe.XAck(ctx, stream, archiveGroup, ids...)
		if _, err := pipe.Exec(ctx); err != nil {
			return removed, unavailable(err)
		}
		removed += deleted.Val()
	}
}
