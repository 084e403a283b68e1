package evaluating

import "slices"

// labels are what measures of variety look at, by item.
type labels struct {
	authors []int32 // 0: none
	most    int32
	tags    [][]int32 // ascending
}

func newLabels(items []Item) *labels {
	l := &labels{authors: make([]int32, len(items)), tags: make([][]int32, len(items))}
	authors, tags := map[string]int32{"": 0}, map[string]int32{}
	number := func(of map[string]int32, name string) int32 {
		n, known := of[name]
		if !known {
			n = int32(len(of))
			of[name] = n
		}
		return n
	}
	for i := range items {
		d := &items[i].Details
		l.authors[i] = number(authors, string(d.Author))
		for _, tag := range d.Tags {
			l.tags[i] = append(l.tags[i], number(tags, tag))
		}
		slices.Sort(l.tags[i])
	}
	l.most = int32(len(authors))
	return l
}

// unlike is one minus the Jaccard similarity of the tags of two items; ok is false where neither has any.
func (l *labels) unlike(a, b int32) (distance float64, ok bool) {
	x, y := l.tags[a], l.tags[b]
	if len(x)+len(y) == 0 {
		return 0, false
	}
	both := 0
	for i, j := 0, 0; i < len(x) && j < len(y); {
		switch {
		case x[i] < y[j]:
			i++
		case x[i] > y[j]:
			j++
		default:
			both, i, j = both+1, i+1, j+1
		}
	}
	return 1 - float64(both)/float64(len(x)+len(y)-both), true
}
