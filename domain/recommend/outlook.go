package recommend

import (
	"math"
)

// How many meetings the rates that one begins with weigh: those at the outset against the rate of all meetings, that
// against an author's, that against an item's, and the rate of all against a viewer's own.
const (
	outsetWeight = 100
	authorWeight = 100
	itemWeight   = 50
	viewerWeight = 20
)

// habitReach is how far a viewer's own rates move the log-odds of an action at most.
const habitReach = 2

// How what an item is expected to come to changes its value: by the logarithm of how it compares with what is usual; below
// the knee, where that would fall without end, along the tangent there; and never by more than gainReach.
const (
	gainKnee  = 0.1
	gainReach = 6
)

// outset are the rates, of what was opened, before there was any meeting.
var outset = [NumOutcomes]float64{
	Opened: 1, WatchedLong: 0.3, Liked: 0.05, Shared: 0.01, Followed: 0.01, Skipped: 0.2, Disliked: 0.005, Reported: 0.001,
}

// stakes are what each predicted action is worth.
type stakes struct {
	each   [NumOutcomes]float32
	counts []Outcome // those but open that are worth anything; none: an item's value is its appeal alone
}

// newStakes takes the weights by name. Open is worth 1 where it is not given, others nothing.
func newStakes(actions map[string]float32) (s stakes) {
	s.each[Opened] = 1
	for name, w := range actions {
		if o, ok := outcomeByName(name); ok {
			s.each[o] = w
		}
	}
	for o := Opened + 1; o < NumOutcomes; o++ {
		if s.each[o] != 0 {
			s.counts = append(s.counts, o)
		}
	}
	return s
}

func (d *Definition) checkActions() error {
	for name, w := range d.Actions {
		if _, ok := outcomeByName(name); !ok {
			return ErrDefinition.On("actions").Saying("feed %q: there is no action %q; there are %v", d.Name, name, ActionNames())
		}
		if !(w >= -1000 && w <= 1000) {
			return ErrDefinition.On("actions").Saying("feed %q: the weight of action %q lies between -1000 and 1000", d.Name, name)
		}
	}
	return nil
}

// outlook foretells what a viewer would do with items once they opened them.
type outlook struct {
	*stakes
	usual [NumOutcomes]float64 // rates of all meetings
	own   [NumOutcomes]float64 // what the viewer's habits make of the odds
	mean  float64              // what is expected of an item of which nothing is known,
	size  float64              // and how large it would be if all weights were positive
}

// begin takes in the rates of all meetings and those of the viewer.
func (o *outlook) begin(s *stakes, all, viewer *Outcomes) {
	o.stakes = s
	opened := float64(max(0, all[Opened]))
	mine := float64(max(0, viewer[Opened]))
	for _, a := range s.counts {
		o.usual[a] = shrunk(within(all[a], opened), opened, outset[a], outsetWeight)
		rate := shrunk(within(viewer[a], mine), mine, o.usual[a], viewerWeight)
		habit := math.Log(rate/(1-rate)) - math.Log(o.usual[a]/(1-o.usual[a]))
		o.own[a] = math.Exp(max(-habitReach, min(habitReach, habit)))
	}
	unknown := o.of(&Outcomes{}, &Outcomes{})
	o.mean, o.size = o.worth(&unknown), math.Abs(float64(s.each[Opened]))
	for _, a := range s.counts {
		o.size += math.Abs(float64(s.each[a])) * float64(unknown[a])
	}
}

// of is how likely each action is once the item was opened, from what came of it and of all items by its author.
func (o *outlook) of(item, author *Outcomes) (p [NumOutcomes]float32) {
	p[Opened] = 1
	opened := float64(max(0, item[Opened]))
	others := max(0, float64(author[Opened])-opened)
	byOthers, byItem := 1/(others+authorWeight), 1/(opened+itemWeight)
	for _, a := range o.counts {
		mine := within(item[a], opened)
		theirs := max(0, min(others, float64(author[a])-mine))
		rate := (theirs + authorWeight*o.usual[a]) * byOthers
		rate = (mine + itemWeight*rate) * byItem
		p[a] = float32(swayed(rate, o.own[a]))
	}
	return p
}

// gain is what the predicted actions add to an item's appeal, which is the logarithm of how likely it is opened but for a
// constant of the page: the logarithm of what comes of opening it, compared with what usually comes.
func (o *outlook) gain(p *[NumOutcomes]float32) float32 {
	var g float64
	worth := o.worth(p)
	switch ratio := worth / o.mean; {
	case o.mean <= 1e-3*o.size: // what usually comes is nothing good
		if o.size > 0 {
			g = (worth - o.mean) / o.size
		}
	case ratio < gainKnee:
		g = math.Log(gainKnee) + (ratio-gainKnee)/gainKnee
	case ratio != 1:
		g = Log(ratio)
	}
	return float32(max(-gainReach, min(gainReach, g)))
}

// worth is the sum over all actions of how likely each is times what it is worth, once the item was opened.
func (o *outlook) worth(p *[NumOutcomes]float32) float64 {
	sum := float64(o.stakes.each[Opened])
	for _, a := range o.counts {
		sum += float64(o.stakes.each[a]) * float64(p[a])
	}
	return sum
}

// shrunk is the mean of the posterior after n trials of which hits hit, when the prior has that mean and that weight.
func shrunk(hits, n, mean, weight float64) float64 { return (hits + weight*mean) / (n + weight) }

// within is a count as far as it can be: from 0 to n.
func within(count float32, n float64) float64 { return max(0, min(n, float64(count))) }

// swayed is a rate whose odds were multiplied.
func swayed(rate, by float64) float64 { return rate * by / (1 - rate + rate*by) }

// foresee adds what is expected of candidates beyond being opened.
func (r *run) foresee(batch []candidate) {
	if len(r.stakes.counts) == 0 {
		return
	}
	r.outcomes, r.theirs = sized(r.outcomes, len(batch)), sized(r.theirs, len(batch))
	all := r.signals.Outcomes(r.ords, r.outcomes)
	r.terms = sized(r.terms, len(batch))
	for i := range batch {
		r.terms[i] = batch[i].traits.Author
	}
	r.signals.AuthorOutcomes(r.terms, r.theirs)
	if r.fresh == 0 {
		r.outlook.begin(r.stakes, &all, &r.manner)
	}
	for i := range batch {
		p := r.outlook.of(&r.outcomes[i], &r.theirs[i])
		batch[i].gain = r.outlook.gain(&p)
		if r.Debug {
			r.foreseen = append(r.foreseen, p)
		}
	}
}
