package load

import (
	"maps"
	"slices"
	"strings"
)

// report sums up a run that has ended.
func (r *running) report(s *sampler, held *idle, interrupted bool) *Report {
	t := r.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	out := &Report{
		Mode: r.o.Mode, Began: r.began.UTC(), Interrupted: interrupted, Settings: settingsOf(&r.o),
		Requests: t.total.ok + t.total.failed, OK: t.total.ok, Failed: t.total.failed,
		Late: latencyOf(t.late, false), Errors: t.errors, Rungs: t.rungs, Pages: t.pages, Events: t.events, Promises: t.promises,
		Renewed: r.doors.renewed(), Idle: held.report(), Timeline: s.seconds,
	}
	if out.Seconds = max(0, earlier(s.at, r.ends).Sub(r.from).Seconds()); out.Seconds > 0 {
		out.PerSecond = float64(out.OK) / out.Seconds
	}
	all := newHistogram()
	for k, of := range t.kinds {
		all.Merge(of.response)
		out.Kinds = append(out.Kinds, Kind{k.String(), of.response.TotalCount(), latencyOf(of.response, true), latencyOf(of.service, true)})
	}
	slices.SortFunc(out.Kinds, func(a, b Kind) int { return strings.Compare(a.Name, b.Name) })
	out.Latency = latencyOf(all, true)
	out.Processes = s.used()
	return out
}

// used is what the processes used from the first look to the last.
func (s *sampler) used() []Used {
	var out []Used
	long := s.at.Sub(s.began).Seconds()
	for i, p := range s.processes {
		u := Used{Name: p.Name, PID: p.PID}
		if s.first != nil && s.first[i] != (usage{}) {
			u.User, u.System = (s.last[i].user - s.first[i].user).Seconds(), (s.last[i].system - s.first[i].system).Seconds()
			u.RSS, u.PeakRSS = s.last[i].resident, s.peak[i]
			if long > 0 {
				u.Cores = (u.User + u.System) / long
			}
			if s.finished > 0 {
				u.PerRequest = (u.User + u.System) * 1e6 / float64(s.finished)
			}
		}
		out = append(out, u)
	}
	return out
}

func settingsOf(o *Options) Settings {
	s := Settings{
		To: o.To, RPC: o.RPC, Connections: o.Connections, WarmUp: o.WarmUp.Seconds(), Duration: o.Duration.Seconds(), Timeout: o.Timeout.Seconds(),
		Think: o.Think.Seconds(), Feed: o.Feed, Tag: o.Tag, Limit: o.Limit, Viewers: o.Viewers, Skew: o.Skew, Hot: o.Hot, Pages: o.Pages,
		Reporting: o.Reporting, Acting: o.Acting, Real: o.Real, Seed: o.Seed,
	}
	if o.Mode == Open {
		s.Rate = o.Rate
	}
	return s
}

// byCount are the names of counts, the largest first.
func byCount(m map[string]int64) []string {
	names := slices.Sorted(maps.Keys(m))
	slices.SortStableFunc(names, func(a, b string) int { return int(min(max(m[b]-m[a], -1), 1)) })
	return names
}
