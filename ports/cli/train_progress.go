package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/freshet/freshet/application/training"
	"github.com/freshet/freshet/ports/cli/intake"
)

// trainProgress shows how far training has come: a bar for each phase on a terminal, else a line when one begins and
// every few seconds.
type trainProgress struct {
	to    io.Writer
	phase training.Phase
	bar   *progressbar.ProgressBar
	began time.Time
	told  time.Time
}

func (p *trainProgress) at(phase training.Phase, done, total int64) {
	now := time.Now()
	if phase != p.phase {
		p.begin(phase, total, now)
	}
	rate := float64(done) / max(now.Sub(p.began).Seconds(), 1e-3)
	if p.bar != nil {
		p.bar.Describe(fmt.Sprintf("%s  %d of %d  %.0f/s", phase, done, total, rate))
		_ = p.bar.Set64(done)
		return
	}
	if now.Sub(p.told) >= 5*time.Second {
		p.told = now
		fmt.Fprintf(p.to, "%s: %d of %d, %.0f a second\n", phase, done, total, rate)
	}
}

func (p *trainProgress) begin(phase training.Phase, total int64, now time.Time) {
	p.end()
	p.phase, p.began, p.told = phase, now, now
	if !intake.Terminal(p.to) {
		fmt.Fprintf(p.to, "%s\n", phase)
		return
	}
	p.bar = progressbar.NewOptions64(max(total, 1), progressbar.OptionSetWriter(p.to), progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetWidth(20), progressbar.OptionClearOnFinish())
}

func (p *trainProgress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
}
