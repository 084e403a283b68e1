package intake

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows how far a file has come: a bar on a terminal, else a line every few seconds.
type progress struct {
	to    io.Writer
	now   func() time.Time
	bar   *progressbar.ProgressBar
	name  string
	size  int64
	began time.Time
	told  time.Time
}

const everySoOften = 5 * time.Second

func (p *progress) begin(s *source) {
	p.name, p.size, p.bar = s.name, s.size, nil
	p.began = p.now()
	p.told = p.began
	if !Terminal(p.to) {
		return
	}
	p.bar = progressbar.NewOptions64(s.size,
		progressbar.OptionSetWriter(p.to), progressbar.OptionSetDescription(filepath.Base(s.name)), progressbar.OptionShowBytes(true),
		progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetWidth(20),
		progressbar.OptionClearOnFinish())
}

// at shows that so many bytes on disk have been read and so many lines of this run are done.
func (p *progress) at(read, lines int64) {
	took := p.now().Sub(p.began)
	if p.bar != nil {
		p.bar.Describe(fmt.Sprintf("%s  %d lines  %.0f/s", filepath.Base(p.name), lines, rate(lines, took)))
		_ = p.bar.Set64(read)
		return
	}
	if p.now().Sub(p.told) < everySoOften {
		return
	}
	p.told = p.now()
	fmt.Fprintf(p.to, "%s: %d lines, %.0f a second", p.name, lines, rate(lines, took))
	if p.size > 0 && read > 0 && read <= p.size {
		left := time.Duration(float64(took) * float64(p.size-read) / float64(read))
		fmt.Fprintf(p.to, ", %d%%, about %s left", 100*read/p.size, left.Round(time.Second))
	}
	fmt.Fprintln(p.to)
}

func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
}

func rate(n int64, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return float64(n) / d.Seconds()
}

// Terminal reports that w is one, as far as its file mode says.
func Terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}
