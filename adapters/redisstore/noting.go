package redisstore

import (
	"context"
	"encoding/binary"
	"slices"
	"strconv"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/freshet/freshet/domain/audience"
)

// noting is the memory of a request's notes on their way to scripts/note.lua. Each call of it notes something of several viewers.
type noting struct {
	gathered
	buf      []byte // all that is sent, but for the names of commands
	ends     []int  // of the parts in buf
	calls    []int  // how many parts there are at the end of each
	parts    []part
	args     []any
	commands []*redis.Cmd
}

const (
	viewersOfCall = 16   // so that the server is not kept long
	partsOfCall   = 1000 // more are sent only of one viewer
	commandHead   = 3
)

var notings = sync.Pool{New: func() any { return new(noting) }}

func takeNoting() *noting { return notings.Get().(*noting) }

func (n *noting) free() { notings.Put(n) }

// send has all noted, pipelined. A node that does not know the script, because it is new or was restarted, is sent it by a second
// pipeline of those calls alone.
func (n *noting) send(ctx context.Context, c *Client, all []noted) error {
	_, apart := c.rdb.(*redis.ClusterClient)
	if apart {
		sortByPartition(all)
	}
	for len(all) > 0 {
		some := all[:min(len(all), batch)]
		all = all[len(some):]
		n.fill(ctx, c, some, apart)
		if err := n.run(ctx, c, n.commands); err != nil {
			return err
		}
	}
	return nil
}

func (n *noting) run(ctx context.Context, c *Client, commands []*redis.Cmd) error {
	pipe := c.rdb.Pipeline()
	for _, one := range commands {
		_ = pipe.Process(ctx, one) // it only queues
	}
	_, _ = pipe.Exec(ctx) // each command holds its own error
	var unknown []*redis.Cmd
	for _, one := range commands {
		switch err := one.Err(); {
		case err == nil:
		case redis.HasErrorPrefix(err, "NOSCRIPT"):
			args := one.Args()
			args[0], args[1] = "eval", noteSource
			again := redis.NewCmd(ctx, args...)
			again.SetFirstKeyPos(commandHead)
			unknown = append(unknown, again)
		default:
			return err
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return n.run(ctx, c, unknown)
}

// fill makes the commands. Where nodes are apart, a call names the keys of one partition.
func (n *noting) fill(ctx context.Context, c *Client, all []noted, apart bool) {
	n.buf, n.ends, n.calls, n.args, n.commands = n.buf[:0], n.ends[:0], n.calls[:0], n.args[:0], n.commands[:0]
	for len(all) > 0 {
		of := 1
		for parts := all[0].parts(); of < min(len(all), viewersOfCall); of++ {
			if parts += all[of].parts(); parts > partsOfCall || apart && partitionOf(string(all[of].viewer)) != partitionOf(string(all[0].viewer)) {
				break
			}
		}
		n.call(c, all[:of])
		n.calls, all = append(n.calls, len(n.ends)), all[of:]
	}

	n.parts = slices.Grow(n.parts[:0], len(n.ends))[:len(n.ends)]
	from := 0
	for i, end := range n.ends {
		n.parts[i].b, from = n.buf[from:end], end
	}
	from = 0
	for _, end := range n.calls {
		begin := len(n.args)
		n.args = append(n.args, "evalsha", noteScript.Hash())
		for i := from; i < end; i++ {
			n.args = append(n.args, &n.parts[i])
		}
		from = end
		one := redis.NewCmd(ctx, n.args[begin:len(n.args):len(n.args)]...)
		one.SetFirstKeyPos(commandHead)
		n.commands = append(n.commands, one)
	}
}

// call writes what follows the script in a call: how many keys there are, the keys, and what scripts/note.lua says of the rest.
func (n *noting) call(c *Client, all []noted) {
	n.number(int64(keysOfNoted * len(all)))
	for i := range all {
		root, viewer := c.roots[partitionOf(string(all[i].viewer))], string(all[i].viewer)
		for _, kind := range [keysOfNoted]string{"will.2:", "past.2:", "token:", "will:"} {
			n.buf = append(append(append(n.buf, root...), kind...), viewer...)
			n.end()
		}
	}
	n.number(millis(c.opts.Viewer))
	n.number(audience.MaxActions)
	n.number(audience.MaxSeen)
	n.number(audience.MaxConsumed)
	for i := range all {
		n.of(&all[i])
	}
}

// keysOfNoted are of one viewer.
const keysOfNoted = 4

func (n *noting) of(v *noted) {
	n.number(newToken())
	n.number(int64(markParts * v.said))
	n.number(int64(actionParts * len(v.actions)))
	for _, m := range v.marks {
		if m.flags == 0 {
			continue
		}
		n.buf = binary.AppendUvarint(n.buf, uint64(m.item))
		n.end()
		n.number(m.at<<flagBits | int64(m.flags))
	}
	for i := range v.actions {
		a := &v.actions[i]
		n.buf = appendPacked(n.buf, a.Item)
		n.end()
		kind, watched, long := byte(a.Act)&actBits, length(a.Watched), length(a.Duration)
		if a.Session != "" {
			n.buf, kind = appendPacked(n.buf, a.Session), kind|ofSession
		}
		n.end()
		n.number(atOf(a))
		if watched > 0 || long > 0 {
			n.buf = binary.AppendUvarint(binary.AppendUvarint(append(n.buf, kind|withLength), watched), long)
		} else {
			n.buf = append(n.buf, kind)
		}
		n.end()
	}
}

const (
	markParts   = 2
	actionParts = 4
)

func (of *noted) parts() int { return markParts*of.said + actionParts*len(of.actions) }

func (n *noting) number(v int64) {
	n.buf = strconv.AppendInt(n.buf, v, 10)
	n.end()
}

// end ends a part.
func (n *noting) end() { n.ends = append(n.ends, len(n.buf)) }
