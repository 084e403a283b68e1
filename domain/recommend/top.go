package recommend

import "slices"

// Top orders the best n of list and returns them; what else is in list is in no order after it. order is below
// 0 when a is better, and never 0 for two of them.
func Top[T any](list []T, n int, order func(a, b T) int) []T {
	rest := list
	for want := n; len(rest) > max(want, 32); { // Hoare's selection
		pivot := middle(rest[0], rest[len(rest)/2], rest[len(rest)-1], order)
		i, j := 0, len(rest)-1
		for i <= j {
			for order(rest[i], pivot) < 0 {
				i++
			}
			for order(pivot, rest[j]) < 0 {
				j--
			}
			if i <= j {
				rest[i], rest[j] = rest[j], rest[i]
				i++
				j--
			}
		}
		switch {
		case want <= j:
			rest = rest[:j+1]
		case want >= i:
			rest, want = rest[i:], want-i
		default:
			rest = rest[:0]
		}
	}
	slices.SortFunc(rest, order)
	best := list[:min(n, len(list))]
	slices.SortFunc(best, order)
	return best
}

// descending orders finite numbers, the highest first.
func descending(a, b float32) int {
	if a > b {
		return -1
	}
	if a < b {
		return 1
	}
	return 0
}

func middle[T any](a, b, c T, order func(a, b T) int) T {
	if order(b, a) < 0 {
		a, b = b, a
	}
	if order(c, a) < 0 {
		return a
	}
	if order(c, b) < 0 {
		return c
	}
	return b
}
