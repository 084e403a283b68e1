package cli

import (
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/freshet/freshet/application/evaluating"
	"github.com/freshet/freshet/domain/recommend"
)

// tabulate writes a report for people.
func tabulate(out io.Writer, r *evaluating.Report, read *readLines) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(format string, args ...any) { fmt.Fprintf(t, format+"\n", args...) }
	line("feed\t%s, configuration %s", r.Feed, r.Config)
	line("protocol\t%s", protocolOf(r))
	line("data\t%d events, %d items, %d viewers asked for %d items", r.Lines, r.Items, r.Viewers, r.Tested)
	line("left out\t%d positive lines on items already met, %d lines on items that are not there, %d lines refused", r.Repeats, r.Strays, read.refused())
	line("")
	line("\tHR@%d\tNDCG@%d\tMRR@%d", r.K, r.K, r.K)
	line("%s\t%.4f\t%.4f\t%.4f", r.Feed, r.HR, r.NDCG, r.MRR)
	for _, b := range r.Baselines {
		line("%s\t%.4f\t%.4f\t%.4f", baselineOf(b), b.HR, b.NDCG, b.MRR)
	}
	line("")
	line("coverage\t%.3f\tof the catalogue was shown", r.Coverage)
	line("cold items\t%.4f\tHR of %d items with less than five events; %d more had none and were missed", r.ColdHR, r.ColdTested, r.Unseen)
	line("diversity\t%s\t1 - mean similarity of two items' tags on a page", figure(r.Diversity))
	line("authors\t%s\tHerfindahl index: 1 is one author, near 0 is many", figure(r.Concentration))
	line("novelty\t%s\tmean -log2 of a shown item's share of events", figure(r.Novelty))
	line("candidates\t%.1f\ton a page, the right one among them in %.1f %%", r.Candidates, 100*r.Recall)
	line("page\t%.0f µs\tmean, %.0f µs p99", micros(r.PageTime), micros(r.PageTime99))
	line("event\t%.1f µs\tto learn", micros(r.EventTime))
	line("training\t%.1f s\t%d times", r.TrainTime.Seconds(), r.Trainings)
	line("memory\t%.1f MiB\tof what was learned", mebibytes(int64(r.Bytes)))
	line("")
	line("source\tproposed\treason\tof hits")
	for _, s := range r.Sources {
		line("%s\t%.1f %%\t%.1f %%\t", s.Source, 100*s.Proposed, 100*s.Named)
	}
	if len(r.Weights) > 0 {
		line("")
		title := "weight\tconfigured\tlearned\t"
		for _, likes := range recommend.Acquaintances() {
			title += fmt.Sprintf("%s likes\t", likes)
		}
		line("%s", title)
		for _, w := range weightsOf(r) {
			row := fmt.Sprintf("%s\t%+.3f\t%+.3f\t", w.Name, w.Prior, w.Learned)
			for _, likes := range recommend.Acquaintances() {
				row += fmt.Sprintf("%+.3f\t", r.ByLikes[likes][w.Name])
			}
			line("%s", row)
		}
	}
	if len(r.Deciles) > 0 {
		line("")
		line("tenth of time\tHR@%d", r.K)
		for i, hr := range r.Deciles {
			line("%d\t%.4f", i+1, hr)
		}
	}
	if len(r.Ablation) > 0 {
		line("")
		line("without\t\tHR@%d\tNDCG@%d\tΔHR\tΔNDCG\tcoverage\tcold HR\tµs a page", r.K, r.K)
		for _, a := range r.Ablation {
			line("%s\t%s\t%.4f\t%.4f\t%+.4f\t%+.4f\t%.3f\t%.4f\t%.0f", a.Part, a.Kind, a.HR, a.NDCG, a.HR-r.HR, a.NDCG-r.NDCG, a.Coverage, a.ColdHR, micros(a.PageTime))
		}
	}
	line("")
	line("%.1f seconds", r.Took.Seconds())
	return t.Flush()
}

func (l *readLines) refused() int64 {
	return l.Items.Bad + l.Items.Rejected + l.Events.Bad + l.Events.Rejected
}

// protocolOf says in one line how it was measured.
func protocolOf(r *evaluating.Report) string {
	how := fmt.Sprintf("%s, positives %s, ", r.Protocol, r.Positives)
	if r.Protocol == evaluating.LeaveOneOut {
		return how + fmt.Sprintf("fit %s, seed %d", r.Fit, r.Seed)
	}
	return how + fmt.Sprintf("delay %s, seed %d", r.Delay, r.Seed)
}

func baselineOf(b evaluating.Baseline) string {
	switch {
	case b.Window >= 24*time.Hour:
		return fmt.Sprintf("popular, %d d", b.Window/(24*time.Hour))
	case b.Window >= 2*time.Hour:
		return fmt.Sprintf("popular, %d h", b.Window/time.Hour)
	case b.Window > 0:
		return fmt.Sprintf("popular, %d min", b.Window/time.Minute)
	case b.Name == "item_knn":
		return "item-kNN, cosine"
	}
	return b.Name
}

type learnedWeight struct {
	Name           string
	Learned, Prior float64
}

// weightsOf lists what was learned, the heaviest first.
func weightsOf(r *evaluating.Report) []learnedWeight {
	var all []learnedWeight
	for name, w := range r.Weights {
		all = append(all, learnedWeight{name, w, r.Prior[name]})
	}
	slices.SortFunc(all, func(a, b learnedWeight) int {
		switch x, y := math.Abs(a.Learned), math.Abs(b.Learned); {
		case x > y || x == y && a.Name < b.Name:
			return -1
		default:
			return 1
		}
	})
	return all
}

func figure(v float64) string {
	if said(v) == nil {
		return "-"
	}
	return fmt.Sprintf("%.4f", v)
}
