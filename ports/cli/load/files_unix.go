//go:build unix

package load

import "syscall"

// mostFiles is how many files this process may have open; 0: not known. Go raised it as far as it may when it started.
func mostFiles() int {
	var l syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l) != nil || l.Cur > 1<<30 {
		return 0
	}
	return int(l.Cur)
}
