package recommend

import "slices"

// topBy sorts list, the better first, and returns the best n. order is below 0 when a is better.
func topBy[T any](list []T, n int, order func(a, b T) int) []T {
	slices.SortFunc(list, order)
	return list[:min(n, len(list))]
}
