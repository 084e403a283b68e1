package config

import (
	"fmt"
	"sort"
	"strings"
	"time"
)

// check refuses what only makes sense together.
func (c *Config) check() error {
	if c.HTTP.Addr == c.Admin.Addr || c.HTTP.Addr == c.RPC.Addr || c.Admin.Addr == c.RPC.Addr {
		if !anyPort(c.HTTP.Addr, c.Admin.Addr, c.RPC.Addr) {
			return refuse("http.addr, admin.addr, rpc.addr", "must be three addresses")
		}
	}
	if len(c.Redis.Addrs) == 0 && (c.Redis.MasterName != "" || c.Redis.Cluster) {
		return refuse("redis.addrs", "must name servers when redis.master_name or redis.cluster is set")
	}
	if len(c.MySQL.Replicas) > 0 && c.MySQL.DSN == "" {
		return refuse("mysql.dsn", "must name the server that mysql.replicas are replicas of")
	}
	if c.Relay.Source == "binlog" && c.MySQL.DSN == "" {
		return refuse("relay.source", "can be binlog only with a server in mysql.dsn: the embedded database has no binary log")
	}
	if c.Access.Tokens.ViewerClaim == "" {
		return refuse("access.tokens.viewer_claim", "must name a claim")
	}
	if c.Memory.SpareMost < c.Memory.SpareLeast {
		return refuse("memory.spare_most", "must be no less than memory.spare_least")
	}
	if err := c.checkRetention(); err != nil {
		return err
	}
	if err := c.checkNotify(); err != nil {
		return err
	}
	names := make([]string, 0, len(c.Feeds))
	for name := range c.Feeds {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		for i, s := range c.Feeds[name].Sources {
			if s.Name == "" || s.Limit == 0 {
				return refuse(fmt.Sprintf("feeds.%s.sources[%d]", name, i), "must have a name and a limit")
			}
		}
		for i, p := range c.Feeds[name].Pins {
			if p.Item == "" || p.Position == 0 {
				return refuse(fmt.Sprintf("feeds.%s.pins[%d]", name, i), "must have an item and a position")
			}
		}
		for i, s := range c.Feeds[name].Slots {
			if s.Source == "" || s.From == 0 {
				return refuse(fmt.Sprintf("feeds.%s.slots[%d]", name, i), "must have a source and the first place")
			}
		}
	}
	for i, e := range c.Experiments {
		at := fmt.Sprintf("experiments[%d]", i)
		if e.Name == "" {
			return refuse(at+".name", "must be given")
		}
		for j, v := range e.Variants {
			if v.Name == "" {
				return refuse(fmt.Sprintf("%s.variants[%d].name", at, j), "must be given")
			}
			for from, to := range v.Feeds {
				for _, name := range []string{from, to} {
					if _, ok := c.Feeds[name]; !ok {
						return refuse(fmt.Sprintf("%s.variants[%d].feeds", at, j), fmt.Sprintf("there is no feed %q", name))
					}
				}
			}
		}
	}
	return nil
}

// checkRetention refuses to forget what pages still go by.
func (c *Config) checkRetention() error {
	events, pages := 24*time.Hour, max(24*time.Hour, c.Serving.SessionLife, c.Rest.Served)
	events = max(events, c.Rest.Seen, c.Rest.Consumed)
	for _, f := range c.Feeds {
		events, pages = max(events, f.Rest.Seen, f.Rest.Consumed, f.RegretHalf), max(pages, f.Rest.Served)
	}
	if keep := c.Retention.Events; keep != 0 && keep < events {
		return refuse("retention.events", fmt.Sprintf("must be 0s or at least %s: pages go by what is younger", inHours(events)))
	}
	if keep := c.Retention.Pages; keep != 0 && keep < pages {
		return refuse("retention.pages", fmt.Sprintf("must be 0s or at least %s: sessions go by what is younger", inHours(pages)))
	}
	if c.Shadow.Enabled && c.Shadow.Retention < c.Serving.SessionLife {
		return refuse("shadow.retention", fmt.Sprintf("must be at least %s: sessions go by what is younger", inHours(c.Serving.SessionLife)))
	}
	return nil
}

// checkNotify refuses to post what nobody could trust, and acts that do not exist.
func (c *Config) checkNotify() error {
	n := c.Notify
	if n.URL != "" && n.Secret == "" {
		return refuse("notify.secret", "must be given with notify.url")
	}
	if err := c.checkActs("notify.viewer_acts", n.ViewerActs); err != nil {
		return err
	}
	return c.checkActs("notify.author_acts", n.AuthorActs)
}

func (c *Config) checkActs(key string, acts []string) error {
	for _, act := range acts {
		if _, ok := c.Events[act]; !ok {
			return refuse(key, fmt.Sprintf("there is no event %q", act))
		}
	}
	return nil
}

func inHours(d time.Duration) string { return strings.TrimSuffix(d.String(), "0m0s") }

// anyPort reports that addresses may be equal because the system chooses the ports.
func anyPort(addrs ...string) bool {
	for _, a := range addrs {
		if len(a) < 2 || a[len(a)-2:] != ":0" {
			return false
		}
	}
	return true
}
