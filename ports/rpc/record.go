package rpc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
)

// lineOf is one record of an export as the HTTP export writes it, without the line end.
func lineOf(record any) ([]byte, error) {
	var line any
	switch r := record.(type) {
	case audience.Tie:
		line = tieLine{"relation", r.Relation.String(), string(r.Author), moment(r.At)}
	case audience.Decision:
		line = decisionLine{"tuning", r.Target.Kind.String(), r.Target.ID, r.Direction.String(), moment(r.At)}
	case engagement.Logged:
		line = eventLine{
			"event", string(r.ID), r.Act.String(), string(r.Viewer), string(r.Item), string(r.Author), moment(r.At), moment(r.Received),
			r.Session, r.Context, r.Watched.Milliseconds(), r.Duration.Milliseconds(), r.AutoPresented,
		}
	case feed.Visit:
		line = visitLineOf(&r)
	case feed.Exposure:
		line = pageLineOf(&r)
	default:
		return nil, fmt.Errorf("rpc: no line for a %T", record)
	}
	var b bytes.Buffer
	w := json.NewEncoder(&b)
	w.SetEscapeHTML(false)
	err := w.Encode(line)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

type tieLine struct {
	Kind     string `json:"kind"`
	Relation string `json:"relation"`
	Author   string `json:"author"`
	Since    string `json:"since"`
}

type decisionLine struct {
	Kind      string `json:"kind"`
	Target    string `json:"target"`
	ID        string `json:"id"`
	Direction string `json:"direction"`
	At        string `json:"at"`
}

type eventLine struct {
	Kind          string `json:"kind"`
	EventID       string `json:"event_id"`
	Type          string `json:"type"`
	Viewer        string `json:"viewer"`
	Item          string `json:"item,omitempty"`
	Author        string `json:"author,omitempty"`
	At            string `json:"at"`
	ReceivedAt    string `json:"received_at"`
	Session       string `json:"session,omitempty"`
	Context       string `json:"context,omitempty"`
	WatchMs       int64  `json:"watch_ms,omitempty"`
	DurationMs    int64  `json:"duration_ms,omitempty"`
	AutoPresented bool   `json:"auto_presented,omitempty"`
}

type visitLine struct {
	Kind        string           `json:"kind"`
	Session     string           `json:"session"`
	Viewer      string           `json:"viewer"`
	Feed        string           `json:"feed"`
	Definition  string           `json:"definition"`
	Tag         string           `json:"tag,omitempty"`
	Lang        string           `json:"lang,omitempty"`
	Region      string           `json:"region,omitempty"`
	RelatedTo   string           `json:"related_to,omitempty"`
	StartedAt   string           `json:"started_at"`
	ExpiresAt   string           `json:"expires_at"`
	Experiments []assignmentLine `json:"experiments,omitempty"`
}

type assignmentLine struct {
	Layer   string `json:"layer"`
	Variant string `json:"variant"`
}

func visitLineOf(v *feed.Visit) visitLine {
	line := visitLine{
		Kind: "session", Session: string(v.ID), Viewer: string(v.Viewer), Feed: v.Feed, Definition: v.Definition,
		Tag: v.Narrowing.Tag, Lang: v.Narrowing.Lang, Region: v.Narrowing.Region, RelatedTo: string(v.Narrowing.Anchor),
		StartedAt: moment(v.StartedAt), ExpiresAt: moment(v.ExpiresAt),
	}
	for _, a := range v.Assignments {
		line.Experiments = append(line.Experiments, assignmentLine{a.Layer, a.Variant})
	}
	return line
}

type pageLine struct {
	Kind     string       `json:"kind"`
	Session  string       `json:"session"`
	Page     int          `json:"page"`
	ServedAt string       `json:"served_at"`
	Rung     string       `json:"rung"`
	Relaxed  []string     `json:"relaxed,omitempty"`
	Skipped  []string     `json:"skipped,omitempty"`
	Items    []servedLine `json:"items"`
	Inputs   inputsLine   `json:"inputs"`
}

type servedLine struct {
	ID         string     `json:"id"`
	Author     string     `json:"author,omitempty"`
	Position   int        `json:"position"`
	Context    string     `json:"context"`
	Score      float32    `json:"score"`
	Sources    []string   `json:"sources"`
	RankBefore int        `json:"rank_before"`
	Chance     float32    `json:"chance,omitempty"`
	Reason     reasonLine `json:"reason"`
}

type reasonLine struct {
	Source  string `json:"source"`
	Because string `json:"because,omitempty"`
}

type inputsLine struct {
	Config    string `json:"config"`
	Catalogue uint64 `json:"catalogue"`
	Model     uint64 `json:"model"`
	Trained   uint64 `json:"trained"`
	Weights   string `json:"weights"`
	Viewer    string `json:"viewer"`
}

func pageLineOf(e *feed.Exposure) pageLine {
	p, in := &e.Page, e.Page.Inputs
	line := pageLine{
		"page", string(e.Visit.ID), p.Number, moment(p.ServedAt), string(p.Rung), p.Relaxed, p.Skipped, make([]servedLine, len(p.Items)),
		inputsLine{in.Config, in.Catalogue, in.Model, in.Trained, strconv.FormatUint(in.Weights, 16), strconv.FormatUint(in.Viewer, 16)},
	}
	for i, it := range p.Items {
		line.Items[i] = servedLine{
			string(it.Item), string(it.Author), p.First + i, p.Context(e.Visit.ID, i), it.Score, append([]string{}, it.Sources...), it.RankBefore, it.Chance,
			reasonLine{it.Reason.Source, it.Reason.Because},
		}
	}
	return line
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
