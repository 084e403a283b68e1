package serving

import (
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/experiment"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/recommend"
)

// Rerun computes pages again through the pipelines that serve.
type Rerun struct {
	plans   *Plans
	index   recommend.Index
	signals recommend.Signals
}

// NewRerun wires the parts.
func NewRerun(plans *Plans, index recommend.Index, signals recommend.Signals) *Rerun {
	return &Rerun{plans, index, signals}
}

// Page computes the page again, for the session as it was before it and the viewer as known then, and
// says what it was computed from this time. It fails with ErrNoFeed when the definition is gone.
func (r *Rerun) Page(session *feed.RecommendationSession, page feed.Page, known audience.Knowledge) ([]catalog.ItemID, feed.Inputs, error) {
	slate, inputs, err := r.serve(r.plans.Current(), session.Visit().Definition, session, page, known, nil)
	ids := make([]catalog.ItemID, len(slate.Picks))
	for i, p := range slate.Picks {
		ids[i] = p.Item.ID
	}
	return ids, inputs, err
}

// Slate is Page for the definition that the experiments in force give the viewer, whichever served the session. Of the
// items supposed, by place on the page, it says how likely they were to be there. It fails with ErrNoFeed when the feed is
// gone.
func (r *Rerun) Slate(session *feed.RecommendationSession, page feed.Page, known audience.Knowledge, supposed []catalog.Number) (recommend.Slate, feed.Inputs, error) {
	plan, v := r.plans.Current(), session.Visit()
	_, definition := experiment.AssignAll(plan.Layers, string(v.Viewer), v.Feed)
	return r.serve(plan, definition, session, page, known, supposed)
}

func (r *Rerun) serve(plan *Plan, definition string, session *feed.RecommendationSession, page feed.Page, known audience.Knowledge,
	supposed []catalog.Number) (recommend.Slate, feed.Inputs, error) {
	pl, err := plan.pipeline(definition)
	if err != nil {
		return recommend.Slate{}, feed.Inputs{}, err
	}
	q := plan.query(session, known, page.Want, page.Exclude, page.ServedAt)
	q.Suppose = supposed
	slate := pl.Recommend(q)
	return slate, plan.inputs(r.index, r.signals, known, slate), nil
}
