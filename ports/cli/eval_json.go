package cli

import (
	"math"
	"time"

	"github.com/freshet/freshet/application/evaluating"
	"github.com/freshet/freshet/ports/cli/intake"
)

// measurement is a report as --json has it. What cannot be said is null.
type measurement struct {
	Protocol    string                        `json:"protocol"`
	Feed        string                        `json:"feed"`
	Config      string                        `json:"config"`
	K           int                           `json:"k"`
	Positives   string                        `json:"positives"`
	Fit         string                        `json:"fit,omitempty"`
	Delay       string                        `json:"delay,omitempty"`
	Seed        uint64                        `json:"seed"`
	HR          float64                       `json:"hr"`
	NDCG        float64                       `json:"ndcg"`
	MRR         float64                       `json:"mrr"`
	Coverage    float64                       `json:"coverage"`
	Viewers     int                           `json:"viewers"`
	Tested      int                           `json:"tested"`
	Unseen      int                           `json:"unseen"`
	Repeats     int                           `json:"repeats"`
	Cold        coldFigures                   `json:"cold"`
	Diversity   *float64                      `json:"diversity"`
	Authors     *float64                      `json:"author_concentration"`
	AuthorsBy   string                        `json:"author_concentration_by"`
	Novelty     *float64                      `json:"novelty"`
	Deciles     []float64                     `json:"deciles,omitempty"`
	Candidates  candidateFigures              `json:"candidates"`
	Sources     []sourceFigures               `json:"contributions"`
	Baselines   map[string]against            `json:"baselines"`
	Weights     map[string]float64            `json:"weights"`
	Prior       map[string]float64            `json:"weights_configured"`
	ByLikes     map[string]map[string]float64 `json:"weights_by_likes"`
	Ablation    []ablatedFigures              `json:"ablation,omitempty"`
	EventMicros float64                       `json:"us_per_event"`
	PageMicros  pageFigures                   `json:"us_per_page"`
	Train       trainFigures                  `json:"train"`
	MemoryBytes int                           `json:"memory_bytes"`
	Data        dataFigures                   `json:"data"`
	Seconds     float64                       `json:"seconds"`
}

type coldFigures struct {
	Tested int     `json:"tested"`
	HR     float64 `json:"hr"`
}

type candidateFigures struct {
	Recall float64 `json:"recall"`
	Mean   float64 `json:"mean"`
}

type sourceFigures struct {
	Source   string  `json:"source"`
	Proposed float64 `json:"proposed"`
	Reason   float64 `json:"reason"`
}

type against struct {
	HR     float64 `json:"hr"`
	NDCG   float64 `json:"ndcg"`
	MRR    float64 `json:"mrr"`
	Window string  `json:"window,omitempty"`
}

type ablatedFigures struct {
	Without   string   `json:"without"`
	Kind      string   `json:"kind"`
	HR        float64  `json:"hr"`
	NDCG      float64  `json:"ndcg"`
	HRDelta   float64  `json:"hr_delta"`
	NDCGDelta float64  `json:"ndcg_delta"`
	Coverage  float64  `json:"coverage"`
	ColdHR    float64  `json:"cold_hr"`
	Diversity *float64 `json:"diversity"`
	Recall    float64  `json:"recall"`
	Micros    float64  `json:"us_per_page"`
}

type pageFigures struct {
	Mean float64 `json:"mean"`
	P99  float64 `json:"p99"`
}

type trainFigures struct {
	Runs    int     `json:"runs"`
	Seconds float64 `json:"seconds"`
}

type dataFigures struct {
	Items  lineFigures `json:"items"`
	Events lineFigures `json:"events"`
	Played int         `json:"played_events"`
	Strays int         `json:"events_on_unknown_items"`
	Inside int         `json:"catalogue"`
}

type lineFigures struct {
	Lines     int64 `json:"lines"`
	Duplicate int64 `json:"duplicate"`
	Rejected  int64 `json:"rejected"`
	Bad       int64 `json:"bad"`
}

func measured(r *evaluating.Report, read *readLines) measurement {
	m := measurement{
		Protocol: string(r.Protocol), Feed: r.Feed, Config: r.Config, K: r.K, Positives: string(r.Positives), Seed: r.Seed,
		HR: r.HR, NDCG: r.NDCG, MRR: r.MRR, Coverage: r.Coverage, Viewers: r.Viewers, Tested: r.Tested, Unseen: r.Unseen, Repeats: r.Repeats,
		Cold: coldFigures{r.ColdTested, r.ColdHR}, Diversity: said(r.Diversity), Authors: said(r.Concentration), AuthorsBy: "herfindahl", Novelty: said(r.Novelty),
		Deciles: r.Deciles, Candidates: candidateFigures{r.Recall, r.Candidates}, Baselines: map[string]against{},
		Weights: r.Weights, Prior: r.Prior, ByLikes: map[string]map[string]float64{}, EventMicros: micros(r.EventTime), PageMicros: pageFigures{micros(r.PageTime), micros(r.PageTime99)},
		Train: trainFigures{r.Trainings, r.TrainTime.Seconds()}, MemoryBytes: r.Bytes, Seconds: r.Took.Seconds(),
		Data: dataFigures{lineCounts(read.Items), lineCounts(read.Events), r.Lines, r.Strays, r.Items},
	}
	for likes, weights := range r.ByLikes {
		m.ByLikes[likes.String()] = weights
	}
	if r.Protocol == evaluating.LeaveOneOut {
		m.Fit = string(r.Fit)
	} else {
		m.Delay = r.Delay.String()
	}
	for _, s := range r.Sources {
		m.Sources = append(m.Sources, sourceFigures{s.Source, s.Proposed, s.Named})
	}
	for _, b := range r.Baselines {
		a := against{HR: b.HR, NDCG: b.NDCG, MRR: b.MRR}
		if b.Window > 0 {
			a.Window = b.Window.String()
		}
		m.Baselines[b.Name] = a
	}
	for _, a := range r.Ablation {
		m.Ablation = append(m.Ablation, ablatedFigures{
			a.Part, a.Kind, a.HR, a.NDCG, a.HR - r.HR, a.NDCG - r.NDCG, a.Coverage, a.ColdHR, said(a.Diversity), a.Recall, micros(a.PageTime),
		})
	}
	return m
}

func lineCounts(c intake.Counts) lineFigures {
	return lineFigures{c.Lines, c.Duplicate, c.Rejected, c.Bad}
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

func said(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
