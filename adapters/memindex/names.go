package memindex

import (
	"hash/maphash"
	"strings"

	"github.com/freshet/freshet/domain/recommend"
)

// names is the dictionary of one field as a reader sees it. list[0] is "", the name of no term.
type names struct {
	slots []uint64
	list  []string
}

// term finds a name; 0 when it is unknown.
func (n *names) term(hash uint32, name string) recommend.Term {
	p := look(n.slots, hash)
	for t, ok := p.next(); ok; t, ok = p.next() {
		if int(t) < len(n.list) && n.list[t] == name {
			return recommend.Term(t)
		}
	}
	return 0
}

func (n *names) name(t recommend.Term) string {
	if int(t) < len(n.list) {
		return n.list[t]
	}
	return ""
}

// dictionary is the same field as the writer sees it.
type dictionary struct {
	table table
	list  []string
	bytes int
}

func (d *dictionary) readable() names { return names{d.table.slots, d.list} }

// learn returns the term of a name, which is new if need be; "" is no name.
func (d *dictionary) learn(seed maphash.Seed, name string) recommend.Term {
	if name == "" {
		return 0
	}
	hash := hashOf(seed, name)
	known := d.readable()
	if t := known.term(hash, name); t != 0 {
		return t
	}
	if len(d.list) == 0 {
		d.list = append(d.list, "")
	}
	d.list = append(d.list, strings.Clone(name))
	d.table.add(hash, uint32(len(d.list)-1))
	d.bytes += len(name) + 16
	return recommend.Term(len(d.list) - 1)
}

func hashOf(seed maphash.Seed, s string) uint32 { return uint32(maphash.String(seed, s) >> 32) }
