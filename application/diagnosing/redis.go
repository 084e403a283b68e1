package diagnosing

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// OfRedis are the checks of a Redis that is not embedded.
func OfRedis(s FastStore) []Check {
	return []Check{
		{redisCheck, "", func(ctx context.Context) (Finding, error) { return reached(ctx, s) }},
		{"redis-memory", redisCheck, func(ctx context.Context) (Finding, error) { return memory(ctx, s) }},
		{"redis-persistence", redisCheck, func(ctx context.Context) (Finding, error) { return persistence(ctx, s) }},
		{"streams", redisCheck, func(ctx context.Context) (Finding, error) { return streams(ctx, s) }},
		{"exposures", redisCheck, func(ctx context.Context) (Finding, error) { return exposures(ctx, s) }},
	}
}

// NoRedis stands for them where Redis is embedded in its process.
func NoRedis() []Check {
	return []Check{{Name: redisCheck, Look: func(context.Context) (Finding, error) { return skipped("embedded in the process that serves"), nil }}}
}

func reached(ctx context.Context, s FastStore) (Finding, error) {
	began := time.Now()
	if err := s.Ping(ctx); err != nil {
		return fail("start it, or correct redis.addrs; pages come at cursor-only meanwhile", "it does not answer: %s", err), nil
	}
	return ok("answers in %s", time.Since(began).Round(10*time.Microsecond)), nil
}

// fullAt is the share of the memory from which on it is called full.
const fullAt = 0.9

func memory(ctx context.Context, s FastStore) (Finding, error) {
	nodes, err := s.Nodes(ctx)
	if err != nil {
		return Finding{}, err
	}
	used := int64(0)
	for _, n := range nodes {
		used += n.Used
		if n.Limit == 0 {
			continue
		}
		if n.Policy == "noeviction" {
			return warn("set maxmemory-policy volatile-ttl, or another volatile one", "its memory is limited, and with noeviction writes fail when it is full"), nil
		}
		if !strings.HasPrefix(n.Policy, "volatile-") {
			return fail("set maxmemory-policy volatile-ttl, or another volatile one: streams must stay", "with maxmemory-policy %s streams may be evicted", n.Policy), nil
		}
		if float64(n.Used) > fullAt*float64(n.Limit) {
			return warn("give it more memory: viewers are evicted and read from SQL again", "%d MB of %d MB are used", n.Used>>20, n.Limit>>20), nil
		}
	}
	return ok("%d MB used", used>>20), nil
}

func persistence(ctx context.Context, s FastStore) (Finding, error) {
	nodes, err := s.Nodes(ctx)
	if err != nil {
		return Finding{}, err
	}
	switch {
	case slices.ContainsFunc(nodes, func(n Node) bool { return n.Loading }):
		return warn("wait until it has read its files", "it is loading"), nil
	case slices.ContainsFunc(nodes, func(n Node) bool { return n.Failing }):
		return fail("see its log, and the room on its disk", "its last write to disk failed"), nil
	case slices.ContainsFunc(nodes, func(n Node) bool { return !n.Append }):
		return warn("set appendonly yes and appendfsync everysec, or accept that a restart begins empty (freshet rebuild)", "it keeps no append-only file"), nil
	}
	return ok("it keeps an append-only file"), nil
}

// abandoned is how long a page may be in some consumer's hands: another takes over far earlier.
const abandoned = 2 * time.Minute

func streams(ctx context.Context, s FastStore) (Finding, error) {
	all, err := s.Streams(ctx)
	if err != nil {
		return Finding{}, err
	}
	var beyond, left []string
	for _, one := range all {
		if one.Beyond {
			beyond = append(beyond, fmt.Sprintf("%s was read up to %s and ends at %s", one.Name, one.Delivered, one.Newest))
		}
		if one.Pending > 0 && one.PendingIdle > abandoned {
			left = append(left, fmt.Sprintf("%d entries of %s are in somebody's hands for %s", one.Pending, one.Name, one.PendingIdle.Round(time.Second)))
		}
	}
	switch {
	case len(beyond) > 0:
		return fail("XGROUP SETID that stream archive 0: what was archived before is not archived twice", "%s", some(beyond)), nil
	case len(left) > 0:
		return fail("see that an instance runs and what its archive loop logs", "%s", some(left)), nil
	}
	return ok("%d, read within their ends", len(all)), nil
}

func exposures(ctx context.Context, s FastStore) (Finding, error) {
	all, err := s.Streams(ctx)
	if err != nil {
		return Finding{}, err
	}
	waiting, oldest := int64(0), time.Duration(0)
	for _, one := range all {
		waiting += one.Length
		if one.Length > 0 {
			oldest = max(oldest, one.Now.Sub(one.Oldest))
		}
	}
	const do = "see that an instance runs and what its archive loop logs; the database has to answer"
	switch {
	case oldest > waitsTooLong:
		return fail(do, "%d pages are not archived, the first since %s", waiting, oldest.Round(time.Second)), nil
	case oldest > waitsLong:
		return warn(do, "%d pages are not archived, the first since %s", waiting, oldest.Round(time.Second)), nil
	}
	return ok("%d pages are not archived", waiting), nil
}

// some keeps a long list short.
func some(all []string) string {
	if len(all) > 3 {
		return strings.Join(all[:3], "; ") + fmt.Sprintf("; and %d more", len(all)-3)
	}
	return strings.Join(all, "; ")
}
