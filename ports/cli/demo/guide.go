package demo

import (
	"fmt"
	"net"
	"strings"
)

// guide says where the service is and what to try. The lines work as they stand.
func (s *stage) guide() {
	v := s.viewers[0]
	loved := make([]string, len(v.loved))
	for i, t := range v.loved {
		loved[i] = topics[t].tag
	}
	web := "http://" + reachable(s.HTTP)
	item := s.content.items[s.content.byTopic[v.loved[0]][0]].draft.ID
	fmt.Fprintf(s.out, `
Freshet is ready.

  pages, events, items   %s      documentation: %s/docs
  operators              http://%s
  RPC (Kitex)            %s

Simulated viewers are watching. %s, for one, loves %s; nobody told Freshet. Try:

  # what %[5]s should see next
  curl -s '%[1]s/v1/feeds/for-you?viewer=%[5]s&limit=10&explain=user'

  # %[5]s likes one more item; the next page knows
  curl -s -X POST '%[1]s/v1/events' -H 'Content-Type: application/json' -d '[{"event_id":"try-%[7]d","type":"like","viewer":"%[5]s","item":"%[8]s","at":"%[9]s"}]'

  # less like this, please: the next page has less of it
  curl -s -X PUT '%[1]s/v1/viewers/%[5]s/tuning/tag/%[10]s' -H 'Content-Type: application/json' -d '{"direction":"less"}'

Ctrl-C ends the demo.
`, web, web, reachable(s.Admin), reachable(s.RPC), v.id, strings.Join(loved, " and "),
		s.now().UnixMilli(), item, s.now().UTC().Format("2006-01-02T15:04:05.000Z"), topics[v.loved[0]].tag)
}

// reachable is an address that this machine can connect to where addr listens on all of them.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
