package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/freshet/freshet/ports/cli/load"
)

// asking is a closed loop of callers, by the same generator whatever is asked.
func (b *bench) asking(to ...*instance) load.Options {
	o := load.Defaults(load.Closed)
	o.Real, o.Reporting, o.Viewers = true, 0, viewers
	o.WarmUp, o.Duration, o.Timeout = time.Second, b.load, 20*time.Second
	for i, in := range to {
		o.To = append(o.To, "http://"+in.http)
		o.Processes = append(o.Processes, load.Process{Name: fmt.Sprint("service ", i), PID: in.pid()})
	}
	if b.stage != nil {
		o.Processes = append(o.Processes, b.stage.processes()...)
	}
	return o
}

// ask makes the load. What does not keep its promises is not worth measuring.
func ask(ctx context.Context, o load.Options) (*load.Report, error) {
	r, err := load.Run(ctx, o, nil)
	if err != nil {
		return nil, err
	}
	if err := r.Failure(); err != nil {
		return nil, err
	}
	if r.Failed*100 > r.Requests {
		return nil, fmt.Errorf("%d of %d requests failed: %v", r.Failed, r.Requests, r.Errors)
	}
	return r, nil
}

// cpu is what one page, or request where no page was served, took of the processes whose names begin so, in microseconds.
func cpu(r *load.Report, name string) float64 {
	var seconds float64
	for _, p := range r.Processes {
		if strings.HasPrefix(p.Name, name) {
			seconds += p.User + p.System
		}
	}
	n := r.Pages.Served
	if n == 0 {
		n = r.OK
	}
	return seconds * 1e6 / float64(max(n, 1))
}

// rungs says how whole the pages were.
func rungs(r *load.Report) string {
	if full := r.Rungs["full"]; full == r.Pages.Served {
		return fmt.Sprintf("%d pages, all full", full)
	}
	return fmt.Sprintf("%d pages: %v", r.Pages.Served, r.Rungs)
}

// pageURL is the first page of a viewer.
func (in *instance) pageURL(viewer string) string {
	return "http://" + in.http + "/v1/feeds/for-you?limit=20&viewer=" + viewer
}

// greet asks for a page of every viewer who has a history, so that Redis knows them.
func (in *instance) greet(ctx context.Context) error {
	return each(viewers, 8, func(i int) error {
		_, err := fetch(ctx, in.pageURL(fmt.Sprint("load-", i+1)))
		return err
	})
}

// post sends JSON.
func post(ctx context.Context, method, url, body string) error {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	_, err = do(req)
	return err
}

// each does something for 0 up to n, by so many at a time, and returns what failed first with each.
func each(n, by int, one func(int) error) error {
	var all sync.WaitGroup
	errs := make([]error, by)
	for k := range by {
		all.Go(func() {
			for i := k; i < n && errs[k] == nil; i += by {
				errs[k] = one(i)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}
