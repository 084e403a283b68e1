package rpc

import (
	"encoding/json"

	"github.com/freshet/freshet/application/serving"
)

// pageDebug is Page.debug. How it was computed is known only when it was computed for this call.
func pageDebug(a serving.Answer) []byte {
	return object(struct {
		Definition  string            `json:"definition"`
		Seed        uint64            `json:"seed,string"`
		Config      string            `json:"config"`
		Catalogue   uint64            `json:"catalogue,string"`
		Model       uint64            `json:"model,string"`
		Trained     uint64            `json:"trained,string"`
		Weights     uint64            `json:"weights,string"`
		Experiments map[string]string `json:"experiments,omitempty"`
		Filtered    map[string]int    `json:"filtered,omitempty"`
	}{
		a.Visit.Definition, a.Visit.Seed, a.Page.Inputs.Config, a.Page.Inputs.Catalogue, a.Page.Inputs.Model, a.Page.Inputs.Trained, a.Page.Inputs.Weights,
		experimentsOf(a), a.Dropped,
	})
}

func experimentsOf(a serving.Answer) map[string]string {
	out := make(map[string]string, len(a.Visit.Assignments))
	for _, as := range a.Visit.Assignments {
		out[as.Layer] = as.Variant
	}
	return out
}

type term struct {
	Feature string  `json:"feature"`
	Value   float32 `json:"value"`
	Weight  float32 `json:"weight"`
}

type action struct {
	Action string  `json:"action"`
	P      float32 `json:"p"`
	Weight float32 `json:"weight"`
}

// itemDebug is PageItem.debug.
func itemDebug(it *serving.Shown) []byte {
	terms := make([]term, len(it.Terms))
	for i, t := range it.Terms {
		terms[i] = term{t.Feature, t.Value, t.Weight}
	}
	actions := make([]action, len(it.Actions))
	for i, a := range it.Actions {
		actions[i] = action{a.Action, a.Chance, a.Weight}
	}
	return object(struct {
		Sources []string `json:"sources"`
		Score   float32  `json:"score"`
		Rank    int      `json:"rank_before"`
		Chance  float32  `json:"chance,omitempty"`
		Terms   []term   `json:"terms,omitempty"`
		Actions []action `json:"actions,omitempty"`
	}{it.Sources, it.Score, it.RankBefore, it.Chance, terms, actions})
}

// object is v as JSON, or nothing when a number in it is none: an explanation is no reason to fail.
func object(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return b
}
