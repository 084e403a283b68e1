package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
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

	Withheld string  `json:"withheld,omitempty"` // why it was not put in force
	Floor    float64 `json:"floor_ndcg_at_10"`   // of the most popular items, on what ndcg_at_10 is of
	Against  uint64  `json:"against"`            // the version in force then
	Compared int     `json:"compared"`           // choices that neither had learned
	Its      float64 `json:"compared_ndcg_at_10"`
	Theirs   float64 `json:"against_ndcg_at_10"`
}

func tell(k judgedModel) toldModel {
	return toldModel{
		Version: k.Version, Active: k.Active, TrainedAt: k.At, Offset: k.UpTo, Events: k.Events, Viewers: k.Viewers, Items: k.Items,
		Lambda: k.Lambda, Tested: k.Tested, HR: k.HR, NDCG: k.NDCG, Seconds: k.Took.Seconds(), Bytes: k.Bytes,
		Withheld: k.Withheld, Floor: k.Floor, Against: k.Against, Compared: k.Compared, Its: k.Its, Theirs: k.Theirs,
	}
}

// list tells every model, the newest first.
func list(w io.Writer, kept []judgedModel, asJSON bool) error {
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
	fmt.Fprintln(t, "version\t\ttrained at\tevents\tviewers\titems\tHR@10\tNDCG@10\tfloor\tMiB\t")
	for _, k := range kept {
		fmt.Fprintf(t, "%d\t%s\t%s\t%d\t%d\t%d\t%.4f\t%.4f\t%.4f\t%.1f\t%s\n", k.Version, standing(k, ""), k.At.Format(time.RFC3339),
			k.Events, k.Viewers, k.Items, k.HR, k.NDCG, k.Floor, mebibytes(k.Bytes), k.Withheld)
	}
	return t.Flush()
}

// sum tells the one model, or that there is none in force.
func sum(w io.Writer, kept []judgedModel, version uint64, asJSON bool) error {
	i := slices.IndexFunc(kept, func(k judgedModel) bool { return k.Version == version })
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
	fmt.Fprintf(t, "model\t%d, %s\n", k.Version, standing(k, "not in force: a newer one is"))
	if k.Withheld != "" {
		fmt.Fprintf(t, "withheld\t%s\n", k.Withheld)
	}
	fmt.Fprintf(t, "learned from\t%d events up to offset %d\n", k.Events, k.UpTo)
	fmt.Fprintf(t, "knows\t%d items by the likes of %d viewers\n", k.Items, k.Viewers)
	fmt.Fprintf(t, "by itself\tHR@10 %.4f, NDCG@10 %.4f for the last likes of %d viewers\n", k.HR, k.NDCG, k.Tested)
	fmt.Fprintf(t, "the most popular\tNDCG@10 %.4f for the same\n", k.Floor)
	if k.Compared > 0 {
		fmt.Fprintf(t, "against model %d\tNDCG@10 %.4f, that one %.4f, for %d likes that neither had learned\n", k.Against, k.Its, k.Theirs, k.Compared)
	}
	fmt.Fprintf(t, "trained\t%s, in %.1f seconds, lambda %g\n", k.At.Format(time.RFC3339), k.Took.Seconds(), k.Lambda)
	fmt.Fprintf(t, "size\t%.1f MiB\n", mebibytes(k.Bytes))
	return t.Flush()
}

// standing says whether the model is in force, and if it was withheld, that.
func standing(k judgedModel, otherwise string) string {
	switch {
	case k.Active:
		return "in force"
	case k.Withheld != "":
		return "withheld"
	}
	return otherwise
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }

func printed(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
