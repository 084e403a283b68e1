package main

import (
	"context"
	"time"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/infrastructure/snowflake"
	"github.com/freshet/freshet/infrastructure/telemetry"
)

// How item numbers are issued: ADR 26 reasons.
const (
	workerLease   = 15 * time.Second
	numbersAhead  = time.Minute
	clockPatience = 5 * time.Second
)

// provideNumbers leases a worker id when the first new item needs a number, and gives it back at the end.
func provideNumbers(db *mysqlstore.DB, clock func() time.Time) (*snowflake.Keeper, func()) {
	generator := snowflake.NewGenerator(snowflake.JSON, snowflake.Tolerance{Ahead: numbersAhead, Patience: clockPatience}, clock)
	keeper := snowflake.NewKeeper(generator, mysqlstore.NewWorkers(db), snowflake.KeeperOptions{Lease: workerLease})
	return keeper, func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = keeper.Close(ctx) // the lease ends by itself
	}
}

func provideItems(db *mysqlstore.DB, numbers *snowflake.Keeper) *mysqlstore.Items {
	return mysqlstore.NewItems(db, numbers.Next)
}

// showNumbers makes visible how numbers are had.
func (s *service) showNumbers(r *telemetry.Registry) {
	show := func(name, help string, value func(snowflake.KeeperStats) float64) {
		r.Gauge(name, help, func() float64 { return value(s.numbers.Stats()) })
	}
	show("freshet_number_worker", "Worker id under which this process numbers new items, -1 while it holds none.",
		func(k snowflake.KeeperStats) float64 { return float64(k.Worker) })
	show("freshet_number_workers_taken", "Times that this process leased a worker id.", func(k snowflake.KeeperStats) float64 { return float64(k.Taken) })
	show("freshet_numbers_issued", "Numbers issued by this process.", func(k snowflake.KeeperStats) float64 { return float64(k.Issued) })
	show("freshet_numbers_waited", "Times that a number waited for the clock.", func(k snowflake.KeeperStats) float64 { return float64(k.Waited) })
	show("freshet_numbers_refused", "Times that no number could be had.", func(k snowflake.KeeperStats) float64 { return float64(k.Refused) })
}
