package evaluating

import "github.com/freshet/freshet/domain/catalog"

// authorsOf numbers the authors of items from 1; 0 is nobody. There are so many numbers.
func authorsOf(items []Item) (by []int32, numbers int) {
	by = make([]int32, len(items))
	known := map[catalog.AuthorID]int32{"": 0}
	for i := range items {
		author := items[i].Details.Author
		n, ok := known[author]
		if !ok {
			n = int32(len(known))
			known[author] = n
		}
		by[i] = n
	}
	return by, len(known)
}
