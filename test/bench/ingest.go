package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	clients = 16
	batch   = 100
)

// ingest has clients send batches of events to the service, each answered after its commit, and, in turns, insert the same rows by themselves
// into a table with the same indexes.
func (b *bench) ingest(ctx context.Context) error {
	const of = "events, batches of 100 from 16 clients"
	const items = 10_000
	h, in, err := b.furnish(ctx, "ingest", items, 0)
	if err != nil {
		return err
	}
	defer func() { _ = h.empty(context.WithoutCancel(ctx)) }()
	defer in.stop()
	other, err := h.start(ctx, 1)
	if err != nil {
		return err
	}
	defer other.stop()
	bare, err := sql.Open("mysql", b.stage.sql.DSN("ingest")+"&interpolateParams=true")
	if err != nil {
		return err
	}
	defer func() { _ = bare.Close() }()
	bare.SetMaxIdleConns(clients)
	if _, err := bare.ExecContext(ctx, "CREATE TABLE bare LIKE events"); err != nil {
		return err
	}
	var sent atomic.Int64
	var rates, bares, own, redis, db, dbBare, learning []float64
	for range b.rounds {
		idle := b.using(other)
		time.Sleep(2 * time.Second)
		waiting := idle()[0] / 2 // a second
		learned := b.using(other)
		began := time.Now()
		used := b.using(in)
		rate, err := b.clients(ctx, func(r *rand.Rand) error { return b.send(ctx, in, r, &sent, items) })
		if err != nil {
			return err
		}
		spent := used()
		n := rate * b.load.Seconds()
		rates, own, redis, db = append(rates, rate), append(own, spent[0]/n), append(redis, spent[1]/n), append(db, spent[2]/n)
		if _, err := b.resting(ctx, other); err != nil {
			return err
		}
		learning = append(learning, max(learned()[0]-waiting*time.Since(began).Seconds(), 0)/n)
		used = b.using(in)
		if rate, err = b.clients(ctx, func(r *rand.Rand) error { return insert(ctx, bare, r, &sent) }); err != nil {
			return err
		}
		bares, dbBare = append(bares, rate), append(dbBare, used()[2]/(rate*b.load.Seconds()))
	}
	b.row(Row{Of: of, What: "by the service, durable", Value: median(rates), Unit: "events/s", Ratio: median(rates) / median(bares), To: "bare", Target: "≥ 40,000/s or the database's limit"})
	b.row(Row{Of: of, What: "bare multi-row INSERT of the same rows", Value: median(bares), Unit: "events/s", Note: "no order, no duplicates, no viewers, no learning"})
	b.row(Row{Of: of, What: "CPU of the service", Value: median(own), Unit: "µs/event", Note: "learning and counting included"})
	b.row(Row{Of: of, What: "CPU of another instance, which learns of them", Value: median(learning), Unit: "µs/event", Target: "≤ 10 µs", Note: "what it does while nothing happens is taken away"})
	b.row(Row{Of: of, What: "CPU of redis", Value: median(redis), Unit: "µs/event"})
	b.row(Row{Of: of, What: "CPU of sql", Value: median(db), Unit: "µs/event", Ratio: median(db) / median(dbBare), To: "bare"})
	return nil
}

// using returns what tells how many microseconds of CPU the service, Redis and the database have used since.
func (b *bench) using(in *instance) func() []float64 {
	pids := []int{in.pid(), b.stage.redis.PID(), b.stage.sql.PID()}
	look := func() (used []float64) {
		for _, pid := range pids {
			t, _ := cpuOf(pid) // one that is gone is found out elsewhere
			used = append(used, float64(t.Microseconds()))
		}
		return used
	}
	before := look()
	return func() []float64 {
		now := look()
		for i := range now {
			now[i] -= before[i]
		}
		return now
	}
}

// clients does something as often as it can be done for as long as loads are measured, and returns how many events a second that was.
func (b *bench) clients(ctx context.Context, once func(*rand.Rand) error) (float64, error) {
	var done atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	errs := make([]error, clients)
	for k := range clients {
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(k), 3))
			for time.Since(began) < b.load && ctx.Err() == nil && errs[k] == nil {
				if errs[k] = once(r); errs[k] == nil {
					done.Add(batch)
				}
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return float64(done.Load()) / b.load.Seconds(), ctx.Err()
}

func (b *bench) send(ctx context.Context, in *instance, r *rand.Rand, sent *atomic.Int64, items int) error {
	var body strings.Builder
	for i := range batch {
		body.WriteByte("[,"[min(i, 1)])
		body.Write(b.world.event(r, eventID(sent), fmt.Sprintf("v%d", r.IntN(5000)), items, time.Now()))
	}
	body.WriteByte(']')
	return post(ctx, "POST", "http://"+in.http+"/v1/events", body.String())
}

// eventID has its neighbours far away, as ids drawn at random have.
func eventID(sent *atomic.Int64) string {
	return fmt.Sprintf("%016x", uint64(sent.Add(1))*0x9e3779b97f4a7c15)
}

func insert(ctx context.Context, pool *sql.DB, r *rand.Rand, sent *atomic.Int64) error {
	row := "(" + strings.Repeat("?,", 12) + "?)"
	statement := "INSERT INTO bare (pos, event_id, viewer, act, item, author, at, session, context, watched_ms, duration_ms, auto_presented, received_at) VALUES " +
		strings.Repeat(row+",", batch-1) + row
	args := make([]any, 0, batch*13)
	now := time.Now().UnixMilli()
	for range batch {
		id := eventID(sent)
		args = append(args, sent.Load()<<16|r.Int64N(1<<16), id, fmt.Sprintf("v%d", r.IntN(5000)), 1, fmt.Sprintf("item-%08d", r.IntN(10_000)), "", now, "", "", 0, 0, 0, now)
	}
	_, err := pool.ExecContext(ctx, statement, args...)
	return err
}
