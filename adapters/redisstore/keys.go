package redisstore

import (
	"fmt"
	"hash/fnv"
	"strconv"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/feed"
)

// Every key of a viewer lives under the hash tag of its partition, so that one script can write its
// session, its memory and the exposure in one step, in a cluster too:
//
//	{pNN}:session:<id>:<viewer>  hash    v visit, n pages served, l lost filter, p<number> pages,
//	                                     b how many bytes of items count, e the epoch they begin with
//	{pNN}:items:<id>:<viewer>    string  epoch, blank, the numbers of the items served, appended
//	{pNN}:sessions:<viewer>      zset    the viewer's sessions by expiry
//	{pNN}:will:<viewer>          hash    ! the mark that the viewer is held; ties and decisions
//	{pNN}:acts:<viewer>          hash    recent actions
//	{pNN}:served:, seen:, consumed:<viewer>  string  12-byte records, appended
//	{pNN}:token:<viewer>         string  stands while a Restore is under way
//	{pNN}:mark:<moment>:<owner>  string  a bookmarked cursor
//	{pNN}:marks:<owner>          zset    the owner's moments by expiry
//	{pNN}:exposures              stream  v visit, p page
//	changes                      stream  s snapshot
const partitions = 64

// loadedField is the field of a viewer's will that says that the viewer is held. It lives in the same
// key as the decisions, so that neither can outlive the other.
const loadedField = "!"

func (c *Client) root(partition int) string {
	return fmt.Sprintf("%s{p%02d}:", c.opts.Prefix, partition)
}

func partitionOf(owner string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(owner))
	return int(h.Sum32() % partitions)
}

func (c *Client) changes() string { return c.opts.Prefix + "changes" }

func (c *Client) exposures(partition int) string { return c.root(partition) + "exposures" }

// viewerKeys are one viewer's.
type viewerKeys struct {
	root, viewer                              string
	will, acts, served, seen, consumed, token string
	sessions, exposures, marks                string
}

func (c *Client) keysOf(v audience.ViewerID) viewerKeys {
	viewer := string(v)
	root := c.root(partitionOf(viewer))
	return viewerKeys{
		root: root, viewer: viewer,
		will: root + "will:" + viewer, acts: root + "acts:" + viewer, token: root + "token:" + viewer,
		served: root + "served:" + viewer, seen: root + "seen:" + viewer, consumed: root + "consumed:" + viewer,
		sessions: root + "sessions:" + viewer, exposures: root + "exposures", marks: root + "marks:" + viewer,
	}
}

func (k viewerKeys) session(id feed.SessionID) string {
	return k.root + "session:" + string(id) + ":" + k.viewer
}

func (k viewerKeys) items(id feed.SessionID) string {
	return k.root + "items:" + string(id) + ":" + k.viewer
}

func (k viewerKeys) mark(moment int64) string {
	return k.root + "mark:" + strconv.FormatInt(moment, 10) + ":" + k.viewer
}
