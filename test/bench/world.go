package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// world is a plausible catalogue and what viewers did in it, the same every time but for the day it is today.
type world struct {
	now time.Time
}

const (
	authors = 20_000
	tags    = 2_000
	viewers = 2_000 // those with a history, under the names that freshet load gives
)

func author(n int) string { return fmt.Sprintf("author-%05d", n) }

// items writes those numbered from from up to to as freshet import reads them, and returns the file.
func (w world) items(dir string, from, to int) (string, error) {
	return written(filepath.Join(dir, fmt.Sprintf("items-%d-%d.jsonl", from, to)), func(out *bufio.Writer) {
		for i := from; i < to; i++ {
			r := rand.New(rand.NewPCG(uint64(i), 1))
			at := w.now.Add(-time.Duration(r.Int64N(int64(60 * 24 * time.Hour))))
			_, _ = fmt.Fprintf(out, `{"id":"item-%08d","author":"%s","title":"The title of the item number %d","tags":["tag-%d","tag-%d","tag-%d"],"published_at":"%s"}`+"\n",
				i, author(r.IntN(authors)), i, tagOf(r), tagOf(r)+1, tagOf(r)+2, at.UTC().Format(time.RFC3339))
		}
	})
}

// tagOf prefers the first.
func tagOf(r *rand.Rand) int { return int(tags * r.Float64() * r.Float64()) }

// events writes n of them, of the last week, on the first items of the catalogue as it is, and returns the file.
func (w world) events(dir string, n, items int) (string, error) {
	return written(filepath.Join(dir, fmt.Sprintf("events-%d.jsonl", n)), func(out *bufio.Writer) {
		r := rand.New(rand.NewPCG(uint64(n), 2))
		for i := range n {
			at := w.now.Add(-7 * 24 * time.Hour).Add(time.Duration(float64(i) / float64(n) * float64(7*24*time.Hour)))
			_, _ = out.Write(w.event(r, fmt.Sprintf("past-%d", i), fmt.Sprintf("load-%d", 1+r.IntN(viewers)), items, at))
			_ = out.WriteByte('\n')
		}
	})
}

// event is something that a viewer does to an item; the first items are the popular ones.
func (w world) event(r *rand.Rand, id, viewer string, items int, at time.Time) []byte {
	what := []string{"seen", "seen", "open", "play_progress", "like", "skip"}[r.IntN(6)]
	more := ""
	if what == "play_progress" {
		more = fmt.Sprintf(`,"watch_ms":%d,"duration_ms":60000`, r.IntN(60_000))
	}
	u := r.Float64()
	return fmt.Appendf(nil, `{"event_id":"%s","type":"%s","viewer":"%s","item":"item-%08d","at":"%s"%s}`,
		id, what, viewer, int(float64(items)*u*u*u), at.UTC().Format(time.RFC3339Nano), more)
}

// written makes a file. What could not be written is told when it is closed.
func written(path string, fill func(*bufio.Writer)) (_ string, err error) {
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	fill(out)
	if err = out.Flush(); err != nil {
		_ = f.Close()
		return "", err
	}
	return path, f.Close()
}
