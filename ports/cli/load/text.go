package load

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// WriteText tells people.
func (r *Report) WriteText(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%s\n\n", r.Headline())
	fmt.Fprintf(w, "%d requests in %.1f s: %d answered well (%.0f a second), %d failed (%s)\n\n",
		r.Requests, r.Seconds, r.OK, r.PerSecond, r.Failed, percent(r.Failed, r.Requests))
	fmt.Fprintln(t, "milliseconds\tcount\tmean\tp50\tp90\tp99\tp99.9\tmax\t")
	line := func(name string, l Latency) {
		if l.Count > 0 {
			fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t\n", name, l.Count, ms(l.Mean), ms(l.P50), ms(l.P90), ms(l.P99), ms(l.P999), ms(l.Max))
		}
	}
	for _, k := range r.Kinds {
		line(k.Name, k.Latency)
	}
	if r.Mode == Open {
		for _, k := range r.Kinds {
			line(k.Name+", once sent", k.Service)
		}
		line("sent late by", r.Late)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	r.writeCounts(w)
	fmt.Fprintln(t, "process\tCPU µs a request\tuser s\tsystem s\tcores\tRSS MiB\tpeak\t")
	for _, p := range r.Processes {
		fmt.Fprintf(t, "%s (%d)\t%.0f\t%.2f\t%.2f\t%.2f\t%.0f\t%.0f\t\n", p.Name, p.PID, p.PerRequest, p.User, p.System, p.Cores, mebibytes(p.RSS), mebibytes(p.PeakRSS))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, r.remarks())
	return err
}

// Headline is the load in one line.
func (r *Report) Headline() string {
	s := &r.Settings
	how := fmt.Sprintf("closed loop of %d callers", s.Connections)
	if r.Mode == Open {
		how = fmt.Sprintf("open loop of %g requests a second, at most %d under way", s.Rate, s.Connections)
	}
	to := strings.Join(append(append([]string{}, s.To...), s.RPC...), ", ")
	mark := "shadow traffic"
	if s.Real {
		mark = "real traffic"
	}
	return fmt.Sprintf("%s: %s on %s, %s", s.Feed, how, to, mark)
}

func (r *Report) writeCounts(w io.Writer) {
	fmt.Fprintf(w, "\npages:    %d in %d sessions, %d items", r.Pages.Served, r.Pages.Sessions, r.Pages.Items)
	fmt.Fprintf(w, "\nrungs:    %s", counted(r.Rungs))
	fmt.Fprintf(w, "\nevents:   %d accepted, %d duplicate, %d rejected", r.Events.Accepted, r.Events.Duplicate, r.Events.Rejected)
	if len(r.Events.Errors) > 0 {
		fmt.Fprintf(w, " (%s)", counted(r.Events.Errors))
	}
	fmt.Fprintf(w, "\nerrors:   %s", counted(r.Errors))
	if r.Renewed > 0 {
		fmt.Fprintf(w, "\nrenewed:  %d requests, because the server had closed their connection", r.Renewed)
	}
	fmt.Fprintf(w, "\npromises: %d items repeated within a session, %d malformed answers", r.Promises.Repeats, r.Promises.Malformed)
	for _, e := range r.Promises.Examples {
		fmt.Fprintf(w, "\n          %s", e)
	}
	if i := r.Idle; i != nil {
		fmt.Fprintf(w, "\nidle:     %d of %d connections held, %d lost", i.Opened, i.Wanted, i.Lost)
		if i.Bytes > 0 {
			fmt.Fprintf(w, ", %d bytes each", i.Bytes)
		}
		if i.Why != "" {
			fmt.Fprintf(w, " (%s)", i.Why)
		}
	}
	fmt.Fprint(w, "\n\n")
}

// remarks say what the figures do not show by themselves.
func (r *Report) remarks() string {
	var b strings.Builder
	say := func(when bool, text string, args ...any) {
		if when {
			fmt.Fprintf(&b, "\n"+text+"\n", args...)
		}
	}
	say(r.Interrupted, "It was ended early: this is what there was until then.")
	say(r.Pages.Served > 0 && r.Pages.Empty == r.Pages.Served, "All pages were empty: nothing is published that this feed could show.")
	say(r.Failed*1000 > r.Requests, "Percentiles are of what was answered well; %s of the requests were not, and count as slower than any of these.", percent(r.Failed, r.Requests))
	say(r.Mode == Open && r.Late.P99 > 5 && r.Late.P99 > r.Latency.P50/2, "The generator itself was late (p99 %s ms): it lacks CPU, or all %d that may be under way were. Latencies count from when requests were to begin, so they hold it.", ms(r.Late.P99), r.Settings.Connections)
	say(len(r.Processes) == 1, "The service's own CPU and memory are not known: --pid names its process when it runs on this machine.")
	return b.String()
}

func counted(m map[string]int64) string {
	if len(m) == 0 {
		return "none"
	}
	var parts []string
	for _, name := range byCount(m) {
		parts = append(parts, fmt.Sprintf("%d %s", m[name], name))
	}
	return strings.Join(parts, ", ")
}

func percent(part, of int64) string {
	return fmt.Sprintf("%.2f %%", 100*float64(part)/float64(max(of, 1)))
}

// ms has as many digits as are worth reading.
func ms(x float64) string {
	switch {
	case x < 1:
		return fmt.Sprintf("%.3f", x)
	case x < 100:
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.0f", x)
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }

// Line is a moment in one line.
func (m Moment) Line() string {
	if m.Warming {
		return fmt.Sprintf("warming up, %d under way", m.UnderWay)
	}
	s := m.Second
	return fmt.Sprintf("%.0f a second, %d failed, p50 %s ms, p99 %s ms, %d under way", float64(s.OK)/max(s.Long, 1e-3), s.Failed, ms(s.P50), ms(s.P99), m.UnderWay)
}

// Left is how long the run goes on.
func (m Moment) Left() time.Duration { return max(0, m.Of-m.Passed).Round(time.Second) }
