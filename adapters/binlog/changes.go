package binlog

import (
	"github.com/freshet/freshet/application/capturing"
	"github.com/freshet/freshet/domain/catalog"
)

// row takes in one row: before is nil for one that came, after for one that went.
func (g *gathering) row(table string, before, after *image) error {
	switch table {
	case "items":
		return g.item(before, after)
	case "outbox":
		if after == nil || before != nil {
			return nil // it was delivered
		}
		return g.fact(after)
	}
	for _, r := range []*image{before, after} {
		if r == nil {
			continue
		}
		viewer, err := r.viewer()
		if err != nil {
			return err
		}
		if table == "viewers" {
			g.open.commanded[viewer] = true
		} else {
			g.open.viewers[viewer] = true
		}
	}
	return nil
}

func (g *gathering) fact(r *image) error {
	seq, err := r.integer("seq")
	if err != nil {
		return err
	}
	k, err := r.key()
	if err != nil {
		return err
	}
	g.open.told[k.id] = append(g.open.told[k.id], k.version)
	s, err := r.item()
	if err != nil {
		// It stays in the outbox, whose relay has a way with facts that cannot be read.
		g.made.Unread++
		g.log.Warn("a fact of the outbox cannot be read, and is left to the relay", "seq", seq, "item", string(k.id), "error", err.Error())
		return nil
	}
	g.made.Told = append(g.made.Told, capturing.Told{Seq: seq, Item: s})
	return nil
}

func (g *gathering) item(before, after *image) (err error) {
	var was, is key
	if before != nil {
		if was, err = before.key(); err != nil {
			return err
		}
	}
	if after != nil {
		if is, err = after.key(); err != nil {
			return err
		}
	}
	if before != nil && after != nil && was.id == is.id {
		s := g.stepsOf(is.id)
		s.Floor = max(s.Floor, was.version, is.version)
		s.Number = is.number
		s.versions = append(s.versions, is.version)
		s.past = s.past || is.version <= was.version || is.number != was.number
		return nil
	}
	if before != nil {
		s := g.stepsOf(was.id)
		s.Floor, s.Number, s.past = max(s.Floor, was.version), was.number, true
		if after != nil {
			s.Number = 0 // another item has it now
		}
	}
	if after != nil {
		s := g.stepsOf(is.id)
		s.Floor, s.Number = max(s.Floor, is.version), is.number
		s.versions = append(s.versions, is.version)
	}
	return nil
}

func (g *gathering) stepsOf(id catalog.ItemID) *steps {
	s := g.open.items[id]
	if s == nil {
		s = &steps{Change: capturing.Change{ID: id}}
		g.open.items[id] = s
	}
	return s
}
