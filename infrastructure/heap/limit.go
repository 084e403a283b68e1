package heap

import (
	"errors"
	"log/slog"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// ofContainer is which part of what its container may take a process aims to stay below; the rest is for what the Go
// runtime does not count.
const ofContainer = 0.9

// Limit has the runtime collect garbage harder before the process takes what its container may take, rather than be killed
// for it. Where there is no container, or the operator gave GOMEMLIMIT, nothing changes.
func Limit(log *slog.Logger) {
	limit, err := memlimit.Set(memlimit.WithRatio(ofContainer))
	switch {
	case errors.Is(err, memlimit.ErrCgroupsNotSupported), errors.Is(err, memlimit.ErrNoCgroup):
	case err != nil:
		log.Warn("the container's memory limit is not known", "error", err.Error())
	case limit < 1<<62:
		log.Info("memory is limited", "bytes", limit)
	}
}
