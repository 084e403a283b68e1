package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/freshet/freshet/application/admitting"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/infrastructure/config"
	"github.com/freshet/freshet/infrastructure/heap"
	"github.com/freshet/freshet/infrastructure/telemetry"
	"github.com/freshet/freshet/ports/http"
	"github.com/freshet/freshet/ports/job"
	"github.com/freshet/freshet/ports/rpc"
)

// drainPatience is how long requests under way may take to finish at the end.
const drainPatience = 10 * time.Second

// errStarting is why a process that still builds its index is not ready.
var errStarting = errors.New("the item index is being built")

// running is one process that serves.
type running struct {
	*service
	log    *slog.Logger
	admin  *http.Server
	public *http.Server
	rpc    *rpc.Server
	jobs   *job.Group
	ready  atomic.Bool
	// admitted is nil until the stores are open.
	admitted atomic.Pointer[admitting.Admit]
	// draining is true from the signal to end until the end.
	draining atomic.Bool
	pace     *heap.Pace
	close    func()
}

// run starts to serve. The admin plane answers first, so that a process that waits for its database or
// builds its index can be watched; the others answer once pages can be served.
func run(ctx context.Context, cfg *config.Config, log *slog.Logger) (_ *running, err error) {
	heap.Limit(log)
	r := &running{log: log, pace: heap.NewPace(heap.Spare{Least: int64(cfg.Memory.SpareLeast), Most: int64(cfg.Memory.SpareMost)}), close: func() {}}
	registry := telemetry.NewRegistry(version)
	shown, err := cfg.Masked()
	if err != nil {
		return nil, err
	}
	var operators func() *admitting.Admit
	if cfg.AsksOperators() {
		operators = r.admitted.Load
	}
	r.admin = http.NewAdmin(http.Options{Addr: cfg.Admin.Addr, Log: log}, http.AdminDeps{
		Callers: operators, Ready: r.readiness, Digest: r.digest, Metrics: registry, Draining: r.draining.Load, Config: func() string { return string(shown) }, Version: version,
	})
	if err := r.admin.Start(); err != nil {
		return nil, fmt.Errorf("admin plane: %w", err)
	}
	defer func() {
		if err != nil {
			_ = r.stop()
		}
	}()
	service, closeStores, err := buildService(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	r.service, r.close = service, closeStores
	r.admitted.Store(service.door.admit)
	service.show(registry)
	if err := r.warmUp(ctx); err != nil {
		return nil, fmt.Errorf("building the index: %w", err)
	}
	r.remembering.Part() // what was missed before is mended first
	r.shadow.known.Part()
	r.jobs = job.NewGroup(telemetry.NewLoops(registry, log).Observe)
	r.jobs.Start(append(r.loops(), job.Loop{Name: "heap", Every: time.Second, Run: r.pace.Adjust})...)
	if err := r.told.start(); err != nil {
		return nil, fmt.Errorf("tasks: %w", err)
	}
	if err := r.listen(ctx, cfg, registry); err != nil {
		return nil, err
	}
	r.ready.Store(true)
	return r, nil
}

func (r *running) listen(ctx context.Context, cfg *config.Config, registry *telemetry.Registry) error {
	r.door.open(ctx, cfg, r.log)
	over := http.Deps{
		Callers: r.door.public(), Pages: r.pages, Events: r.events, Items: r.items, Counts: r.index, Decisions: r.decisions, Sessions: r.sessions,
		Viewers: r.viewers, Bookmarks: r.bookmarks, Reactions: r.reactions, Metrics: registry, Clock: time.Now,
	}
	over.Shadow = r.shadow.ofHTTP(over)
	public := http.New(http.Options{
		Addr: cfg.HTTP.Addr, MaxBatch: cfg.HTTP.MaxBody, ReadTimeout: cfg.HTTP.ReadTimeout, PageTime: cfg.Serving.PageTime,
		Version: version, Log: r.log,
	}, over)
	if err := public.Start(); err != nil {
		return fmt.Errorf("http: %w", err)
	}
	r.public = public
	called := rpc.Deps{Callers: r.door.public(), Pages: r.pages, Events: r.events, Items: r.items, Decisions: r.decisions, Sessions: r.sessions, Viewers: r.viewers}
	called.Shadow = r.shadow.ofRPC(called)
	server := rpc.New(rpc.Options{Addr: cfg.RPC.Addr, Drain: drainPatience, PageTime: cfg.Serving.PageTime, Log: r.log}, called)
	if err := server.Start(); err != nil {
		return fmt.Errorf("rpc: %w", err)
	}
	r.rpc = server
	r.showShadow(registry)
	return nil
}

func (r *running) readiness() error {
	if !r.ready.Load() {
		return errStarting
	}
	return nil
}

func (r *running) digest() (catalog.Digest, error) {
	if !r.ready.Load() {
		return catalog.Digest{}, errStarting
	}
	return r.index.Digest(), nil
}

// stop drains: balancers are told first, requests under way finish, then what was served is archived
// and the stores are closed.
func (r *running) stop() error {
	var errs []error
	r.draining.Store(true)
	if r.public != nil {
		r.public.Drain()
		time.Sleep(r.cfg.HTTP.DrainNotice)
	}
	ctx, cancel := context.WithTimeout(context.Background(), drainPatience)
	defer cancel()
	if r.public != nil {
		errs = append(errs, r.public.Shutdown(ctx))
	}
	if r.rpc != nil {
		errs = append(errs, r.rpc.Shutdown(ctx))
	}
	if r.jobs != nil {
		errs = append(errs, r.jobs.Stop(ctx))
		r.pace.Restore()
	}
	if r.jobs != nil {
		if err := r.told.stop(ctx); err != nil {
			r.log.Warn("another instance makes tasks of events only in a while", "error", err.Error())
		}
		_ = r.intake.yield(ctx) // or another copies when the turn ends
		if err := r.keepLearned(ctx); err != nil {
			r.log.Warn("some of what was learned lately is learned again at the next start", "error", err.Error())
		}
	}
	if r.service != nil {
		if _, err := r.archive.Drain(ctx); err != nil {
			r.log.Warn("served pages wait for the next start to be archived", "error", err.Error())
		}
		_ = r.shadow.drain(ctx) // or another instance does, or they end by themselves
	}
	errs = append(errs, r.admin.Shutdown(ctx))
	if r.jobs != nil {
		if err := r.inventory.Close(ctx); err != nil {
			r.log.Warn("the next start looks up more changes of items", "error", err.Error())
		}
	}
	r.close()
	return errors.Join(errs...)
}
