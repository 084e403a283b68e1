package cli

import (
	"time"

	"github.com/freshet/freshet/application/comparing"
)

// todaysCatalogue is what pages are made again from.
const todaysCatalogue = "today's, without items that came after a page"

// comparison is a report as --json has it. What cannot be said is null.
type comparison struct {
	Feed       string         `json:"feed"`
	Since      time.Time      `json:"since"`
	Until      time.Time      `json:"until"`
	Config     sides[string]  `json:"config"`
	Pages      int            `json:"pages"`
	Places     int            `json:"places"`
	K          int            `json:"k"`
	Skipped    map[string]int `json:"skipped"`
	Catalogue  string         `json:"catalogue"`
	Events     int            `json:"events_learned"`
	Fidelity   fidelity       `json:"fidelity"`
	Likeness   likeness       `json:"likeness"`
	Gaining    []movedItem    `json:"gaining"`
	Losing     []movedItem    `json:"losing"`
	Sources    []shareOf      `json:"sources"`
	Authors    []shareOf      `json:"authors"`
	Diversity  contrasted     `json:"diversity"`
	Authorship contrasted     `json:"author_concentration"`
	Propensity propensity     `json:"propensity"`
	PageMicros sides[float64] `json:"us_per_page"`
	Seconds    float64        `json:"seconds"`
}

type sides[T any] struct {
	Current T `json:"current"`
	Changed T `json:"changed"`
}

type likeness struct {
	Identical int      `json:"identical"`
	SameFirst int      `json:"same_first"`
	Overlap   *float64 `json:"overlap"`
	Tau       *float64 `json:"kendall_tau"`
	Move      *float64 `json:"mean_move"`
}

type fidelity struct {
	likeness
	Inputs map[string]int `json:"other_inputs"`
}

type movedItem struct {
	Item    string `json:"item"`
	Places  int    `json:"places"`
	Pages   int    `json:"pages"`
	Entered int    `json:"entered"`
	Left    int    `json:"left"`
}

type shareOf struct {
	Name    string  `json:"name"`
	Current float64 `json:"current"`
	Changed float64 `json:"changed"`
	Delta   float64 `json:"delta"`
}

type contrasted struct {
	Current *float64 `json:"current"`
	Changed *float64 `json:"changed"`
	Delta   *float64 `json:"delta"`
}

type propensity struct {
	Window  string   `json:"window"`
	Clip    float64  `json:"clip"`
	Picks   int      `json:"picks"`
	Open    int      `json:"open"`
	Enough  bool     `json:"enough"`
	Least   int      `json:"least_effective"`
	Good    *float64 `json:"recorded"`
	GoodErr *float64 `json:"recorded_error"`
	sides[estimate]
	Delta estimate `json:"delta"`
}

type estimate struct {
	IPS       *float64 `json:"ips"`
	IPSErr    *float64 `json:"ips_error"`
	SNIPS     *float64 `json:"snips"`
	SNIPSErr  *float64 `json:"snips_error"`
	Weight    *float64 `json:"mean_weight,omitempty"`
	Effective *float64 `json:"effective_picks,omitempty"`
	Clipped   *int     `json:"clipped,omitempty"`
}

func compared(r *comparing.Report) comparison {
	c := comparison{
		Feed: r.Feed, Since: r.Since, Until: r.Until, Config: sides[string]{r.Current, r.Changed}, Pages: r.Pages, Places: r.Places, K: r.K,
		Skipped: r.Skipped, Catalogue: todaysCatalogue, Events: r.Events,
		Fidelity: fidelity{likenessOf(r.Fidelity), r.Inputs}, Likeness: likenessOf(r.Likeness),
		Gaining: movedItems(r.Gaining), Losing: movedItems(r.Losing), Sources: sharesOf(r.Sources), Authors: sharesOf(r.Authors),
		Diversity:  beside(r.CurrentVariety.Diversity, r.ChangedVariety.Diversity),
		Authorship: beside(r.CurrentVariety.Concentration, r.ChangedVariety.Concentration),
		PageMicros: sides[float64]{micros(r.CurrentPageTime), micros(r.ChangedPageTime)}, Seconds: r.Took.Seconds(),
	}
	p := &r.Propensity
	c.Propensity = propensity{
		Window: r.Window.String(), Clip: r.Clip, Picks: p.Picks, Open: p.Open, Enough: p.Enough(), Least: comparing.FewPicks,
		Good: said(p.Good), GoodErr: said(p.GoodErr), sides: sides[estimate]{estimateOf(p.Current), estimateOf(p.Changed)},
		Delta: estimate{IPS: said(p.IPS), IPSErr: said(p.IPSErr), SNIPS: said(p.SNIPS), SNIPSErr: said(p.SNIPSErr)},
	}
	return c
}

func likenessOf(l comparing.Likeness) likeness {
	return likeness{l.Identical, l.SameFirst, said(l.Overlap), said(l.Tau), said(l.Move)}
}

func movedItems(all []comparing.Moved) []movedItem {
	items := make([]movedItem, len(all))
	for i, m := range all {
		items[i] = movedItem{string(m.Item), m.Places, m.Pages, m.Entered, m.Left}
	}
	return items
}

func sharesOf(all []comparing.Share) []shareOf {
	shares := make([]shareOf, len(all))
	for i, s := range all {
		shares[i] = shareOf{s.Name, s.Current, s.Changed, s.Changed - s.Current}
	}
	return shares
}

func beside(current, changed float64) contrasted {
	return contrasted{said(current), said(changed), said(changed - current)}
}

func estimateOf(e comparing.Estimate) estimate {
	return estimate{said(e.IPS), said(e.IPSErr), said(e.SNIPS), said(e.SNIPSErr), said(e.Weight), said(e.Effective), &e.Clipped}
}
