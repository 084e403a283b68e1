package recommend

import "slices"

// topBy sorts the best n of list to its front and returns them.
func topBy[T any](list []T, n int, better func(a, b *T) bool) []T {
	slices.SortFunc(list, func(a, b T) int {
		switch {
		case better(&a, &b):
			return -1
		case better(&b, &a):
			return 1
		}
		return 0
	})
	return list[:min(n, len(list))]
}
