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

// nth is the n-th largest of the numbers, of which there are as many and none is NaN; it leaves them in another order. It is
// several times as fast as Top, so that Top need not look at what is smaller.
func nth(x []float32, n int) float32 {
	for n--; len(x) > 1; {
		a, b, c := x[0], x[len(x)/2], x[len(x)-1]
		pivot := max(min(a, b), min(max(a, b), c))
		i, j := 0, len(x)-1
		for i <= j {
			for x[i] > pivot {
				i++
			}
			for x[j] < pivot {
				j--
			}
			if i <= j {
				x[i], x[j] = x[j], x[i]
				i++
				j--
			}
		}
		switch {
		case n <= j:
			x = x[:j+1]
		case n >= i:
			x, n = x[i:], n-i
		default:
			return pivot
		}
	}
	return x[0]
}
