package main

import (
	"bytes"
	"context"
	"net"
	"strconv"
	"strings"
	"time"
)

// counts are what the service, Redis and the database server have counted so far, or in between.
type counts struct {
	at       time.Time
	seconds  float64 // in between
	service  exposition
	reads    float64 // times that Redis read something from somebody
	commands float64 // that Redis carried out
	selects  float64 // statements that only read
	asked    float64 // all statements
	objects  float64 // that the service allocated
	bytes    float64 // that they took
}

func (b *bench) count(ctx context.Context, in *instance) (c counts, err error) {
	c.at = time.Now()
	if c.service, err = in.metrics(ctx); err != nil {
		return c, err
	}
	c.objects, c.bytes = c.service.sum("go_memstats_mallocs_total"), c.service.sum("go_memstats_alloc_bytes_total")
	info, err := infoOf(b.stage.redis.Addr())
	if err != nil {
		return c, err
	}
	c.reads, c.commands = info["total_reads_processed"], info["total_commands_processed"]
	c.selects, c.asked, err = b.stage.statements(ctx)
	return c, err
}

// since is what was counted from an earlier look on.
func (c counts) since(before counts) counts {
	return counts{
		seconds: c.at.Sub(before.at).Seconds(), service: c.service.since(before.service), reads: c.reads - before.reads,
		commands: c.commands - before.commands, selects: c.selects - before.selects, asked: c.asked - before.asked,
		objects: c.objects - before.objects, bytes: c.bytes - before.bytes,
	}
}

// noLess says whether about as much was done in a second as in those before.
func (c counts) noLess(than counts) bool {
	const about = 0.9
	return c.commands/c.seconds >= about*than.commands/than.seconds && c.asked/c.seconds >= about*than.asked/than.seconds
}

// without takes away what is done in so long a time anyway.
func (c counts) without(idle counts) counts {
	share := c.seconds / idle.seconds
	c.reads -= idle.reads * share
	c.commands -= idle.commands * share
	c.selects -= idle.selects * share
	c.asked -= idle.asked * share
	c.objects -= idle.objects * share
	c.bytes -= idle.bytes * share
	return c
}

func (s *stage) statements(ctx context.Context) (selects, asked float64, err error) {
	rows, err := s.admin.QueryContext(ctx, "SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_select', 'Questions')")
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		var value float64
		if err := rows.Scan(&name, &value); err != nil {
			return 0, 0, err
		}
		if name == "Com_select" {
			selects = value
		} else {
			asked = value
		}
	}
	return selects, asked, rows.Err()
}

// infoOf asks a Redis for its numbers.
func infoOf(addr string) (map[string]float64, error) {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := conn.Write([]byte("INFO\r\n")); err != nil {
		return nil, err
	}
	var text []byte
	for part := make([]byte, 1<<14); ; {
		n, err := conn.Read(part)
		if text = append(text, part[:n]...); err != nil {
			return nil, err
		}
		if whole(text) {
			return parseInfo(string(text)), nil
		}
	}
}

// whole says whether a bulk string has come to its end.
func whole(text []byte) bool {
	head, rest, found := bytes.Cut(text, []byte("\r\n"))
	if !found || len(head) < 2 {
		return false
	}
	n, err := strconv.Atoi(string(head[1:]))
	return err != nil || len(rest) >= n
}

// parseInfo keeps what is a number.
func parseInfo(text string) map[string]float64 {
	info := map[string]float64{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if x, err := strconv.ParseFloat(value, 64); err == nil {
			info[name] = x
		}
	}
	return info
}

// perPage is what of a total comes to a page.
func perPage(total, pages float64) float64 {
	if pages <= 0 {
		return 0
	}
	return total / pages
}

func (c counts) pages() float64 { return c.service.sum("freshet_http_pages_total") }
