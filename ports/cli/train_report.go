package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/freshet/freshet/domain/recommend"
)

// toldModel is a model as --json has it.
type toldModel struct {
	Version   uint64    `json:"version"`
	Active    bool      `json:"active"`
	TrainedAt time.Time `json:"trained_at"`
	Offset    uint64    `json:"offset"`
	Events    uint64    `json:"events"`
	Viewers   int       `json:"viewers"`
	Items     int       `json:"items"`
	Lambda    float64   `json:"lambda"`
	Tested    int       `json:"tested"`
	HR        float64   `json:"hr_at_10"`
	NDCG      float64   `json:"ndcg_at_10"`
	Seconds   float64   `json:"seconds"`
	Bytes     int64     `json:"bytes"`
}

func tell(k recommend.KeptModel) toldModel {
	return toldModel{
		Version: k.Version, Active: k.Active, TrainedAt: k.At, Offset: k.UpTo, Events: k.Events, Viewers: k.Viewers, Items: k.Items,
		Lambda: k.Lambda, Tested: k.Tested, HR: k.HR, NDCG: k.NDCG, Seconds: k.Took.Seconds(), Bytes: k.Bytes,
	}
}

// list tells every model, the newest first.
func list(w io.Writer, kept []recommend.KeptModel, asJSON bool) error {
	if asJSON {
		all := make([]toldModel, len(kept))
		for i, k := range kept {
			all[i] = tell(k)
		}
		return printed(w, all)
	}
	if len(kept) == 0 {
		_, err := fmt.Fprintln(w, "no model has been trained")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "version\t\ttrained at\tevents\tviewers\titems\tHR@10\tNDCG@10\tMiB")
	for _, k := range kept {
		fmt.Fprintf(t, "%d\t%s\t%s\t%d\t%d\t%d\t%.4f\t%.4f\t%.1f\n", k.Version, activeOr(k.Active, ""), k.At.Format(time.RFC3339),
			k.Events, k.Viewers, k.Items, k.HR, k.NDCG, mebibytes(k.Bytes))
	}
	return t.Flush()
}

// sum tells the one model, or that there is none in force.
func sum(w io.Writer, kept []recommend.KeptModel, version uint64, asJSON bool) error {
	i := slices.IndexFunc(kept, func(k recommend.KeptModel) bool { return k.Version == version })
	switch {
	case i < 0 && asJSON: // none, or pushed out already
		return printed(w, toldModel{Version: version})
	case i < 0:
		_, err := fmt.Fprintln(w, "no trained model is in force")
		return err
	case asJSON:
		return printed(w, tell(kept[i]))
	}
	k := kept[i]
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "model\t%d, %s\n", k.Version, activeOr(k.Active, "not in force: a newer one is"))
	fmt.Fprintf(t, "learned from\t%d events up to offset %d\n", k.Events, k.UpTo)
	fmt.Fprintf(t, "knows\t%d items by the likes of %d viewers\n", k.Items, k.Viewers)
	fmt.Fprintf(t, "by itself\tHR@10 %.4f, NDCG@10 %.4f for the last likes of %d viewers\n", k.HR, k.NDCG, k.Tested)
	fmt.Fprintf(t, "trained\t%s, in %.1f seconds, lambda %g\n", k.At.Format(time.RFC3339), k.Took.Seconds(), k.Lambda)
	fmt.Fprintf(t, "size\t%.1f MiB\n", mebibytes(k.Bytes))
	return t.Flush()
}

func activeOr(active bool, otherwise string) string {
	if active {
		return "in force"
	}
	return otherwise
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }

func printed(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
