package http

import (
	"slices"
	"strconv"

	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
)

func writePage(w *jsonText, a *serving.Answer, how explain, requestID string) {
	w.open('{')
	w.text("session", string(a.Visit.ID))
	w.number("page", int64(a.Page.Number))
	w.openIn("items", '[')
	for i := range a.Items {
		writeShown(w, &a.Items[i], how)
	}
	w.close(']')
	w.given("cursor", a.Cursor)
	w.text("rung", string(a.Rung))
	wordsIf(w, "relaxed", a.Page.Relaxed)
	wordsIf(w, "skipped", a.Page.Skipped)
	wordsIf(w, "withdrawn", a.Withdrawn)
	if how == explainDebug {
		writeDropped(w, a.Dropped)
		writeInputs(w, a.Page.Inputs)
	}
	w.text("request_id", requestID)
	w.close('}')
}

func writeShown(w *jsonText, it *serving.Shown, how explain) {
	d := &it.Details.Details
	w.open('{')
	w.text("id", string(it.Item))
	w.text("author", string(d.Author))
	w.given("title", d.Title)
	words(w, "tags", d.Tags)
	w.time("published_at", d.PublishedAt)
	if d.Payload != nil {
		w.raw("payload", d.Payload)
	}
	w.number("position", int64(it.Position))
	w.text("context", it.Context)
	writeCounts(w, it.Counts)
	writeReason(w, it.Reason, how)
	if how == explainDebug {
		w.float("score", it.Score)
		words(w, "sources", it.Sources)
		w.number("rank_before", int64(it.RankBefore))
		w.floatIf("chance", it.Chance)
		if it.Terms != nil {
			w.openIn("terms", '[')
			for _, t := range it.Terms {
				w.open('{')
				w.text("feature", t.Feature)
				w.float("value", t.Value)
				w.float("weight", t.Weight)
				w.close('}')
			}
			w.close(']')
		}
		if it.Actions != nil {
			w.openIn("actions", '[')
			for _, a := range it.Actions {
				w.open('{')
				w.text("action", a.Action)
				w.float("p", a.Chance)
				w.float("weight", a.Weight)
				w.close('}')
			}
			w.close(']')
		}
	}
	w.close('}')
}

func writeCounts(w *jsonText, n engagement.Counts) {
	w.openIn("counts", '{')
	w.number("likes", n.Likes)
	w.number("favorites", n.Favorites)
	w.number("comments", n.Comments)
	w.number("shares", n.Shares)
	w.number("plays", n.Plays)
	w.close('}')
}

func writeReason(w *jsonText, r recommend.Reason, how explain) {
	w.openIn("reason", '{')
	w.text("source", r.Source)
	w.given("because", r.Because)
	if how != explainNone {
		w.text("text", reasonText(r))
	}
	w.close('}')
}

func writeDropped(w *jsonText, dropped map[string]int) {
	if dropped == nil {
		return // the page was served before; nothing was dropped now
	}
	names := make([]string, 0, len(dropped))
	for n := range dropped {
		names = append(names, n)
	}
	slices.Sort(names)
	w.openIn("dropped", '{')
	for _, n := range names {
		w.number(n, int64(dropped[n]))
	}
	w.close('}')
}

// writeInputs names what a page was computed from. Digests need more bits than a JSON
// number is sure to keep.
func writeInputs(w *jsonText, in feed.Inputs) {
	w.openIn("inputs", '{')
	w.text("config", in.Config)
	w.unsigned("catalogue", in.Catalogue)
	w.unsigned("model", in.Model)
	w.unsigned("trained", in.Trained)
	w.text("weights", strconv.FormatUint(in.Weights, 16))
	w.text("viewer", strconv.FormatUint(in.Viewer, 16))
	w.close('}')
}
