package serving

import (
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
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
	plan := r.plans.Current()
	v := session.Visit()
	pl, err := plan.pipeline(v.Definition)
	if err != nil {
		return nil, feed.Inputs{}, err
	}
	q := plan.query(session, known, page.Want, page.Exclude, page.ServedAt)
	slate := pl.Recommend(q)
	ids := make([]catalog.ItemID, len(slate.Picks))
	for i, p := range slate.Picks {
		ids[i] = p.Item.ID
	}
	return ids, plan.inputs(r.index, r.signals, known, slate), nil
}
