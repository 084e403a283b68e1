package recommend

import (
	"slices"
	"time"

	"github.com/freshet/freshet/domain/fault"
)

// ErrDefinition refuses a feed definition; the field says where.
var ErrDefinition = fault.New(fault.Invalid, "bad_feed", "the feed definition does not make sense")

// Definition is a feed as the operator configures it.
type Definition struct {
	Name    string
	Sources []SourceUse
	// Weights say what each feature adds to an item's value; features without one add nothing.
	Weights map[string]float32
	// Actions say what each predicted action is worth, by ActionNames; without a weight opening is worth 1, others nothing.
	Actions map[string]float32
	// Learned names the features whose weights are learned from what viewers do, with Weights as the prior.
	Learned []string
	Order   Order
	Supply  Supply
	Arrange Arrangement
	Pins    []Pin
	Slots   []Slot
	Explore Exploration
	Rest    Rest
	// RegretHalf is when what an act said against an author or a tag has faded by half; 0: it is not kept.
	RegretHalf time.Duration
}

// SourceUse names a source and how many candidates it may propose.
type SourceUse struct {
	Name  string
	Limit int
}

// Order is what a page is ordered by before the rules of arrangement.
type Order string

// The orders.
const (
	ByValue  Order = "value"  // what is worth most to the viewer
	ByNewest Order = "newest" // what was published last
)

// Supply says where more items come from when the sources do not fill a page.
type Supply string

// The supplies.
const (
	FromCatalogue Supply = "catalogue" // anything that passes the filters, newest first
	FromSources   Supply = "sources"   // nothing: the feed is only what its sources propose
)

// Arrangement is the rules of diversity.
type Arrangement struct {
	AuthorShare   float32       // the most of a page by one author, above 0, at most 1
	TagShare      float32       // the most of a page with one tag, above 0, at most 1
	AuthorFatigue float32       // value lost for each recent item by the same author
	TagFatigue    float32       // value lost for each recent item with the same tags
	FatigueHalf   time.Duration // after which an item served earlier tires half as much
}

// Rest says for how long an item stays away from a viewer who met it, while supply lasts.
type Rest struct{ Served, Seen, Consumed time.Duration }

// Check refuses a definition that cannot be served, naming the field.
func (d *Definition) Check() error {
	if d.Name == "" {
		return ErrDefinition.On("name").Saying("a feed has a name")
	}
	if len(d.Sources) == 0 && d.Supply == FromSources {
		return ErrDefinition.On("sources").Saying("feed %q has no sources and no other supply", d.Name)
	}
	for i, u := range d.Sources {
		if _, ok := sourceByName(u.Name); !ok {
			return ErrDefinition.On("sources").Saying("feed %q: there is no source %q; there are %v", d.Name, u.Name, SourceNames())
		}
		if u.Limit < 1 || u.Limit > 2000 {
			return ErrDefinition.On("sources").Saying("feed %q: the limit of source %q lies between 1 and 2000", d.Name, u.Name)
		}
		if slices.ContainsFunc(d.Sources[:i], func(o SourceUse) bool { return o.Name == u.Name }) {
			return ErrDefinition.On("sources").Saying("feed %q names source %q twice", d.Name, u.Name)
		}
	}
	for name, w := range d.Weights {
		if _, ok := featureByName(name); !ok {
			return ErrDefinition.On("weights").Saying("feed %q: there is no feature %q; there are %v", d.Name, name, FeatureNames())
		}
		if w != w || w < -1000 || w > 1000 {
			return ErrDefinition.On("weights").Saying("feed %q: the weight of %q lies between -1000 and 1000", d.Name, name)
		}
	}
	if err := d.checkActions(); err != nil {
		return err
	}
	for i, name := range d.Learned {
		if f, ok := featureByName(name); !ok || !f.standing() {
			return ErrDefinition.On("learned").Saying("feed %q: the weight of %q cannot be learned; these can: %v", d.Name, name, LearnableNames())
		}
		if slices.Contains(d.Learned[:i], name) {
			return ErrDefinition.On("learned").Saying("feed %q names %q twice", d.Name, name)
		}
	}
	if d.Order != ByValue && d.Order != ByNewest {
		return ErrDefinition.On("order").Saying("feed %q: an order is %q or %q", d.Name, ByValue, ByNewest)
	}
	if d.Supply != FromCatalogue && d.Supply != FromSources {
		return ErrDefinition.On("supply").Saying("feed %q: a supply is %q or %q", d.Name, FromCatalogue, FromSources)
	}
	if d.RegretHalf < 0 {
		return ErrDefinition.On("regret_half").Saying("feed %q: a half-life is not negative", d.Name)
	}
	if err := d.checkSlots(); err != nil {
		return err
	}
	if err := d.Explore.check(d.Name); err != nil {
		return err
	}
	return d.Arrange.check(d.Name)
}

func (a Arrangement) check(feed string) error {
	for _, share := range []struct {
		field string
		v     float32
	}{{"author_share", a.AuthorShare}, {"tag_share", a.TagShare}} {
		if !(share.v > 0 && share.v <= 1) {
			return ErrDefinition.On(share.field).Saying("feed %q: a share lies above 0 and at most at 1", feed)
		}
	}
	if !(a.AuthorFatigue >= 0 && a.AuthorFatigue <= 100) {
		return ErrDefinition.On("author_fatigue").Saying("feed %q: fatigue lies between 0 and 100", feed)
	}
	if !(a.TagFatigue >= 0 && a.TagFatigue <= 100) {
		return ErrDefinition.On("tag_fatigue").Saying("feed %q: fatigue lies between 0 and 100", feed)
	}
	if a.FatigueHalf <= 0 {
		return ErrDefinition.On("fatigue_half").Saying("feed %q: a half-life is positive", feed)
	}
	return nil
}
