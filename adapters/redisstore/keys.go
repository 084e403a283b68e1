package redisstore

import (
	"fmt"
	"strconv"
	"strings"

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
//	{pNN}:will.2:<viewer>        hash    ! the token that the copy was written under; ties and decisions;
//	                                     of many also # their version: scripts/will.lua
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

func (c *Client) root(partition int) string { return c.roots[partition] }

func rootsUnder(prefix string) (roots, exposures [partitions]string) {
	for p := range partitions {
		roots[p] = fmt.Sprintf("%s{p%02d}:", prefix, p)
		exposures[p] = roots[p] + "exposures"
	}
	return roots, exposures
}

// partitionOf is FNV-1a of 32 bits.
func partitionOf(owner string) int {
	h := uint32(2166136261)
	for i := range len(owner) {
		h = (h ^ uint32(owner[i])) * 16777619
	}
	return int(h % partitions)
}

func (c *Client) changes() string { return c.opts.Prefix + "changes" }

func (c *Client) pulse() string { return c.opts.Prefix + "pulse" }

func (c *Client) exposures(partition int) string { return c.streams[partition] }

// viewerKeys are one viewer's.
type viewerKeys struct {
	root, viewer               string
	will, past, served, token  string
	sessions, exposures, marks string
}

// keysOf are parts of one text.
func (c *Client) keysOf(v audience.ViewerID) viewerKeys {
	viewer, p := string(v), partitionOf(string(v))
	root := c.roots[p]
	var b strings.Builder
	b.Grow(6*(len(root)+len(viewer)) + len("will.2:past.2:served.2:token:sessions:marks:"))
	key := func(kind string) string {
		from := b.Len()
		b.WriteString(root)
		b.WriteString(kind)
		b.WriteString(viewer)
		return b.String()[from:]
	}
	return viewerKeys{
		root: root, viewer: viewer,
		will: key("will.2:"), past: key("past.2:"), served: key("served.2:"), token: key("token:"),
		sessions: key("sessions:"), exposures: c.streams[p], marks: key("marks:"),
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

// sessionParts are both keys of a session, and the field of one of its pages.
func (k viewerKeys) sessionParts(id feed.SessionID, page int) (session, items, field string) {
	b := make([]byte, 0, 160)
	b = append(append(append(append(append(b, k.root...), "session:"...), id...), ':'), k.viewer...)
	n := len(b)
	b = append(append(append(append(append(b, k.root...), "items:"...), id...), ':'), k.viewer...)
	m := len(b)
	all := string(strconv.AppendInt(append(b, 'p'), int64(page), 10))
	return all[:n], all[n:m], all[m:]
}

func (k viewerKeys) mark(moment int64) string {
	return k.root + "mark:" + strconv.FormatInt(moment, 10) + ":" + k.viewer
}
