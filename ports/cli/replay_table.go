package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/freshet/freshet/application/comparing"
)

// contrast writes a comparison for people.
func contrast(out io.Writer, r *comparing.Report) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(format string, args ...any) { fmt.Fprintf(t, format+"\n", args...) }
	places := "whole pages"
	if r.K > 0 {
		places = fmt.Sprintf("the first %d places", r.K)
	}
	line("feed\t%s, served from %s until %s", r.Feed, r.Since.Format(time.RFC3339), r.Until.Format(time.RFC3339))
	line("configuration\t%s in force, %s changed%s", r.Current, r.Changed, alikeOf(r.Current, r.Changed))
	line("pages\t%d made again with %d places, %s compared; left out: %s", r.Pages, r.Places, places, counted(r.Skipped))
	line("learned\t%d events before them; no page knows a later one", r.Events)
	line("catalogue\t%s", todaysCatalogue)
	line("")
	line("\trecorded and in force\tin force and changed")
	a, b := r.Fidelity, r.Likeness
	line("identical\t%s\t%s\tof pages", ofPages(a.Identical, r.Pages), ofPages(b.Identical, r.Pages))
	line("first item\t%s\t%s\tof pages have the same", ofPages(a.SameFirst, r.Pages), ofPages(b.SameFirst, r.Pages))
	line("overlap\t%s\t%s\tof a page's items are on both", figure(a.Overlap), figure(b.Overlap))
	line("Kendall's tau\t%s\t%s\tof the order of those", figure(a.Tau), figure(b.Tau))
	line("move\t%s\t%s\tplaces, mean of those", figure(a.Move), figure(b.Move))
	line("made of other\t%s\t\tpages, as far as that is recorded", counted(r.Inputs))
	line("")
	line("\tin force\tchanged\tdifference")
	compare := func(name string, current, changed float64, what string) {
		line("%s\t%s\t%s\t%s\t%s", name, figure(current), figure(changed), signed(changed-current), what)
	}
	compare("diversity", r.CurrentVariety.Diversity, r.ChangedVariety.Diversity, "1 - mean similarity of two items' tags on a page")
	compare("authors", r.CurrentVariety.Concentration, r.ChangedVariety.Concentration, "Herfindahl index: 1 is one author, near 0 is many")
	line("page\t%.0f µs\t%.0f µs", micros(r.CurrentPageTime), micros(r.ChangedPageTime))
	shareLines(line, "source, of places", r.Sources)
	shareLines(line, "author, of places", r.Authors)
	movedLines(line, "gaining", r.Gaining)
	movedLines(line, "losing", r.Losing)
	if err := t.Flush(); err != nil {
		return err
	}
	if err := worthLines(out, r); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n%.1f seconds\n", r.Took.Seconds())
	return err
}

// worthLines tell what places that explored would come to.
func worthLines(out io.Writer, r *comparing.Report) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(format string, args ...any) { fmt.Fprintf(t, format+"\n", args...) }
	p := &r.Propensity
	line("")
	line("Of every place that explored: the share that comes to a good act on its item within %s (inverse propensity,", short(r.Window))
	line("weights clipped at %g, ± one standard error). %d picks; the window of %d more is not over.", r.Clip, p.Picks, p.Open)
	if !p.Enough() {
		line("TOO FEW to say anything: %.0f effective picks in force and %.0f changed, and it takes %d.", p.Current.Effective, p.Changed.Effective, comparing.FewPicks)
	}
	if p.Picks == 0 {
		return t.Flush()
	}
	line("")
	line("\tIPS\tself-normalised\tmean weight\teffective\tclipped")
	for _, side := range []struct {
		name string
		comparing.Estimate
	}{{"in force", p.Current}, {"changed", p.Changed}} {
		line("%s\t%s\t%s\t%s\t%.0f\t%d", side.name, within(side.IPS, side.IPSErr), within(side.SNIPS, side.SNIPSErr), figure(side.Weight), side.Effective, side.Clipped)
	}
	line("difference\t%s\t%s", signed(p.IPS)+" ± "+figure(p.IPSErr), signed(p.SNIPS)+" ± "+figure(p.SNIPSErr))
	line("recorded\t%s", within(p.Good, p.GoodErr))
	return t.Flush()
}

func shareLines(line func(string, ...any), title string, all []comparing.Share) {
	if len(all) == 0 {
		return
	}
	line("")
	line("%s\tin force\tchanged\tdifference", title)
	for _, s := range all {
		line("%s\t%.1f %%\t%.1f %%\t%+.1f %%", s.Name, 100*s.Current, 100*s.Changed, 100*(s.Changed-s.Current))
	}
}

func movedLines(line func(string, ...any), title string, all []comparing.Moved) {
	if len(all) == 0 {
		return
	}
	line("")
	line("%s\tplaces\tpages\tcomes to\tleaves", title)
	for _, m := range all {
		line("%s\t%+d\t%d\t%d\t%d", m.Item, m.Places, m.Pages, m.Entered, m.Left)
	}
}

func alikeOf(current, changed string) string {
	if current == changed {
		return ": they are the same"
	}
	return ""
}

// counted lists counts by name.
func counted(of map[string]int) string {
	if len(of) == 0 {
		return "none"
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		all = append(all, fmt.Sprintf("%s %d", name, of[name]))
	}
	return strings.Join(all, ", ")
}

func ofPages(n, pages int) string {
	return fmt.Sprintf("%d (%.1f %%)", n, 100*float64(n)/float64(max(1, pages)))
}

func within(v, err float64) string { return figure(v) + " ± " + figure(err) }

func signed(v float64) string {
	if said(v) == nil {
		return "-"
	}
	return fmt.Sprintf("%+.4f", v)
}

// short leaves out zeros at the end.
func short(d time.Duration) string {
	s := d.String()
	if rest, ok := strings.CutSuffix(s, "m0s"); ok {
		s = rest + "m"
	}
	if rest, ok := strings.CutSuffix(s, "h0m"); ok {
		s = rest + "h"
	}
	return s
}
