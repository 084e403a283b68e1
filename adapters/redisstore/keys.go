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
//	{pNN}:token:<viewer>         string  a number that every note, decision and fill changes
//	{pNN}:will.2:<viewer>        hash    ! the token that the copy was written under; ties and decisions
//	{pNN}:past.2:<viewer>        string  recent actions, what was seen and consumed: past.go
//	{pNN}:served.2:<viewer>      string  what was served: scripts/served.lua
//	{pNN}:mark:<moment>:<owner>  string  a bookmarked cursor
//	{pNN}:marks:<owner>          zset    the owner's moments by expiry
//	{pNN}:exposures              stream  v visit, p page
//	{pNN}:cached:<kind>:<id>     string  epoch, tag and contents of a copy: i of an item, v of a viewer
//	{pNN}:filling:<kind>:<id>    string  the token of who reads it from the source
//	newcomers:<epoch>            stream  i ids of new items
//	changes                      stream  s snapshot
//	pulse                        string  run ids, when copies were last good, when a restart was last noticed
const partitions = 64

// heldField is the field of a viewer's will that says under which token the copy was written. The viewer is held while the token is
// still that one: copies in several forms share the token, and who notes something in one of them changes or removes it, so that no
// other copy is taken for complete. It lives in the same key as the decisions, so that neither can outlive the other.
const heldField = "!"

func (c *Client) root(partition int) string {
	return fmt.Sprintf("%s{p%02d}:", c.opts.Prefix, partition)
}

func partitionOf(owner string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(owner))
	return int(h.Sum32() % partitions)
}

func (c *Client) changes() string { return c.opts.Prefix + "changes" }

func (c *Client) pulse() string { return c.opts.Prefix + "pulse" }

func (c *Client) exposures(partition int) string { return c.root(partition) + "exposures" }

// viewerKeys are one viewer's.
type viewerKeys struct {
	root, viewer               string
	will, past, served, token  string
	sessions, exposures, marks string
}

func (c *Client) keysOf(v audience.ViewerID) viewerKeys {
	viewer := string(v)
	root := c.root(partitionOf(viewer))
	return viewerKeys{
		root: root, viewer: viewer,
		will: root + "will.2:" + viewer, past: root + "past.2:" + viewer, served: root + "served.2:" + viewer, token: root + "token:" + viewer,
		sessions: root + "sessions:" + viewer, exposures: root + "exposures", marks: root + "marks:" + viewer,
	}
}

// copies are what is known of the viewer in this form, the token, and what makes a copy in the former form: will, acts, seen,
// consumed. What was served in the former form stays for those who read it.
func (k viewerKeys) copies() []string {
	return []string{k.will, k.past, k.token, k.former("will"), k.former("acts"), k.former("seen"), k.former("consumed")}
}

func (k viewerKeys) formerServed() string { return k.former("served") }

// former names a key of the first form: a mark ! in will without a token, acts a hash of decimal numbers, marks of 12 bytes.
func (k viewerKeys) former(kind string) string { return k.root + kind + ":" + k.viewer }

func (k viewerKeys) session(id feed.SessionID) string {
	return k.root + "session:" + string(id) + ":" + k.viewer
}

func (k viewerKeys) items(id feed.SessionID) string {
	return k.root + "items:" + string(id) + ":" + k.viewer
}

func (k viewerKeys) mark(moment int64) string {
	return k.root + "mark:" + strconv.FormatInt(moment, 10) + ":" + k.viewer
}
