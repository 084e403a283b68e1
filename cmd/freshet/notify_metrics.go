package main

import (
	"github.com/freshet/freshet/infrastructure/telemetry"
)

// show makes visible what becomes of events, and of the tasks that they make.
func (n *notifications) show(r *telemetry.Registry) {
	if n == nil {
		return
	}
	r.Gauge("freshet_trigger_reading", "1 on the instance that makes tasks of the event log.", func() float64 {
		if n.trigger.Stats().Leads {
			return 1
		}
		return 0
	})
	r.Gauge("freshet_trigger_lag_seconds", "How old the event was that was read last, 0 when none waits.", func() float64 { return n.trigger.Stats().Behind.Seconds() })
	r.Gauge("freshet_trigger_windows", "Viewers and authors that have a window.", func() float64 { return float64(n.trigger.Stats().Open) })
	r.Counters("freshet_trigger_events_total", "Events, once for their viewer and once for their author, by what became of them.", []string{"outcome"}, func(show func(float64, ...string)) {
		stats := n.trigger.Stats()
		show(float64(stats.Events), "told")
		show(float64(stats.Skipped), "skipped")
	})
	r.Counters("freshet_tasks_total", "Tasks that this instance made, by what became of them.", []string{"outcome"}, func(show func(float64, ...string)) {
		stats := n.trigger.Stats()
		show(float64(stats.Enqueued), "enqueued")
		show(float64(stats.Merged), "merged")
		show(float64(stats.Held), "held")
		show(float64(stats.Refused), "refused")
	})
	r.Counters("freshet_task_runs_total", "Tasks that this instance ran, by how that ended.", []string{"outcome"}, func(show func(float64, ...string)) {
		stats := n.worker.Stats()
		show(float64(stats.Done), "done")
		show(float64(stats.Retried), "retried")
		show(float64(stats.Archived), "archived")
	})
	r.Histogram("freshet_task_latency_seconds", "From a task's oldest event to its first run, by tasks.", func() (uint64, float64, map[float64]uint64) {
		stats := n.worker.Stats()
		return stats.Begun, stats.Waited.Seconds(), stats.AtMost
	})
	r.Counters("freshet_task_refreshed_total", "Viewers whose copy in the fast store was missing or in doubt, by whether it could be filled.", []string{"outcome"},
		func(show func(float64, ...string)) {
			filled, failed := n.deliver.Warmed()
			show(float64(filled), "filled")
			show(float64(failed), "failed")
		})
	r.Gauges("freshet_task_backlog", "Tasks in Redis, as of the last look.", []string{"state"}, func(show func(float64, ...string)) {
		sizes := n.backlog.Load()
		show(float64(sizes.Waiting), "waiting")
		show(float64(sizes.Running), "running")
		show(float64(sizes.Retried), "retried")
		show(float64(sizes.Archived), "archived")
	})
}
