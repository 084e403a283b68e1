package recommend

// Acquaintance is how well a viewer is known: of how many items it is known that the viewer liked them. Whom nobody knows
// yet goes by what is popular and new, others by what they and others liked before, so weights differ.
type Acquaintance uint8

var acquaintances = [...]struct {
	name string
	from int
}{{"0-2", 0}, {"3-11", 3}, {"12-39", 12}, {"40+", 40}}

const numAcquaintances = len(acquaintances)

// Acquaintances are all, the least known first.
func Acquaintances() (all []Acquaintance) {
	for a := range acquaintances {
		all = append(all, Acquaintance(a))
	}
	return all
}

// String tells how many likes it stands for, such as "3-11".
func (a Acquaintance) String() string { return acquaintances[a].name }

func acquaintanceOf(likes int) (of Acquaintance) {
	for a := range acquaintances {
		if likes >= acquaintances[a].from {
			of = Acquaintance(a)
		}
	}
	return of
}
