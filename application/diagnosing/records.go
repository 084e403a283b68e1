package diagnosing

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/freshet/freshet/application/recounting"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// The names of the checks that others need.
const (
	databaseCheck = "database"
	schemaCheck   = "schema"
	redisCheck    = "redis"
)

// OfRecords are the checks of the durable records.
func OfRecords(r Records, outbox catalog.Outbox, tally engagement.Tally, counts *recounting.Counts, models recommend.ModelStore) []Check {
	return []Check{
		{Name: databaseCheck, Look: func(ctx context.Context) (Finding, error) { return database(ctx, r) }},
		{schemaCheck, "", func(ctx context.Context) (Finding, error) { return schema(ctx, r) }},
		{"outbox", schemaCheck, func(ctx context.Context) (Finding, error) { return drained(ctx, outbox) }},
		{"dead-letters", schemaCheck, func(ctx context.Context) (Finding, error) { return letters(ctx, outbox) }},
		{"offsets", schemaCheck, func(ctx context.Context) (Finding, error) { return offsets(ctx, r) }},
		{"tally", schemaCheck, func(ctx context.Context) (Finding, error) { return counted(ctx, tally) }},
		{"followers", schemaCheck, func(ctx context.Context) (Finding, error) { return followers(ctx, r) }},
		{"counters", schemaCheck, func(ctx context.Context) (Finding, error) { return counters(ctx, counts) }},
		{"workers", schemaCheck, func(ctx context.Context) (Finding, error) { return workers(ctx, r) }},
		{"erasures", schemaCheck, func(ctx context.Context) (Finding, error) { return erasures(ctx, r) }},
		{"repairs", schemaCheck, func(ctx context.Context) (Finding, error) { return repairs(ctx, r) }},
		{"model", schemaCheck, func(ctx context.Context) (Finding, error) { return model(ctx, models) }},
	}
}

// NoDatabase stands for them where the database could not be opened.
func NoDatabase(err error) []Check {
	return []Check{{Name: databaseCheck, Look: func(context.Context) (Finding, error) {
		return fail("start it, or correct mysql.dsn or data_dir; nothing else of it was looked at", "%s", err), nil
	}}}
}

func database(ctx context.Context, r Records) (Finding, error) {
	began := time.Now()
	if err := r.Ping(ctx); err != nil {
		return fail("start it, or correct mysql.dsn", "it does not answer: %s", err), nil
	}
	return ok("answers in %s", time.Since(began).Round(10*time.Microsecond)), nil
}

func schema(ctx context.Context, r Records) (Finding, error) {
	have, want, err := r.SchemaVersion(ctx)
	switch {
	case err != nil:
		return Finding{}, err
	case have < want:
		return fail("freshet migrate", "its tables are of version %d, this program's of %d", have, want), nil
	case have > want:
		return warn("use the newer program here, too", "its tables are of version %d, this program knows %d", have, want), nil
	}
	return ok("version %d", have), nil
}

// How long a change may wait. Relays look every second at the latest, and try three times within two.
const (
	waitsLong    = 5 * time.Second
	waitsTooLong = 30 * time.Second
)

func drained(ctx context.Context, outbox catalog.Outbox) (Finding, error) {
	b, err := outbox.Backlog(ctx)
	const do = "see that an instance runs and what its relay loop logs; Redis has to answer"
	switch {
	case err != nil:
		return Finding{}, err
	case b.Pending == 0:
		return ok("empty"), nil
	case b.Oldest > waitsTooLong:
		return fail(do, "%d changes wait, the oldest for %s", b.Pending, b.Oldest.Round(time.Second)), nil
	case b.Oldest > waitsLong:
		return warn(do, "%d changes wait, the oldest for %s", b.Pending, b.Oldest.Round(time.Second)), nil
	}
	return ok("%d changes wait, the oldest for %s", b.Pending, b.Oldest.Round(time.Millisecond)), nil
}

func letters(ctx context.Context, outbox catalog.Outbox) (Finding, error) {
	b, err := outbox.Backlog(ctx)
	switch {
	case err != nil:
		return Finding{}, err
	case b.Dead > 0:
		return fail("freshet dlq list; mend the cause, then freshet dlq requeue", "%d changes of items could not be delivered", b.Dead), nil
	case b.Stale > 0:
		return warn("freshet dlq list, then freshet dlq drop", "%d that newer changes have superseded", b.Stale), nil
	}
	return ok("none"), nil
}

func offsets(ctx context.Context, r Records) (Finding, error) {
	o, err := r.Offsets(ctx)
	if err != nil {
		return Finding{}, err
	}
	var wrong []string
	say := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	say(o.LastEvent > o.Events, "an event has offset %d, and only %d were given", o.LastEvent, o.Events)
	say(o.Tally > o.Events, "counted up to %d of %d events", o.Tally, o.Events)
	say(o.LastErasure > o.Erasures, "an erasure has number %d, and only %d were given", o.LastErasure, o.Erasures)
	say(o.CountsRevision > o.Counts, "a count has revision %d, and only %d were given", o.CountsRevision, o.Counts)
	if len(wrong) > 0 {
		return fail("the database was restored in part: restore all of its tables from one backup", "%s", strings.Join(wrong, "; ")), nil
	}
	return ok("%d events, counted up to %d", o.Events, o.Tally), nil
}

func counted(ctx context.Context, tally engagement.Tally) (Finding, error) {
	events, since, err := tally.Lag(ctx)
	if err != nil {
		return Finding{}, err
	}
	behind := time.Duration(0)
	if !since.IsZero() {
		behind = time.Since(since)
	}
	const do = "see that an instance runs and what its count loop logs"
	switch {
	case behind > waitsTooLong:
		return fail(do, "%d events are not counted, the first since %s", events, behind.Round(time.Second)), nil
	case behind > waitsLong:
		return warn(do, "%d events are not counted, the first since %s", events, behind.Round(time.Second)), nil
	}
	return ok("%d events are not counted", events), nil
}

// unsummed is how many changes of followers may wait: instances add them up four times a second.
const unsummed = 10_000

func followers(ctx context.Context, r Records) (Finding, error) {
	o, err := r.Offsets(ctx)
	switch {
	case err != nil:
		return Finding{}, err
	case o.UnsummedFollows > unsummed:
		return warn("see that an instance runs and what its followers loop logs", "%d changes are not summed", o.UnsummedFollows), nil
	}
	return ok("%d changes are not summed", o.UnsummedFollows), nil
}

func counters(ctx context.Context, counts *recounting.Counts) (Finding, error) {
	report, err := counts.Verify(ctx, 1)
	if err != nil {
		return Finding{}, err
	}
	if n := report.Differences(); n > 0 {
		return fail("freshet counters verify shows them, freshet counters rebuild mends them", "%d differences, such as %s of %q", n, report.Examples[0].Kind, report.Examples[0].Of), nil
	}
	return ok("equal the log up to offset %d", report.Offset), nil
}

func model(ctx context.Context, models recommend.ModelStore) (Finding, error) {
	version, err := models.Active(ctx)
	if err != nil {
		return Finding{}, err
	}
	if version == 0 {
		return ok("none is in force"), nil
	}
	if _, _, err := models.Load(ctx, version); err != nil {
		return fail("freshet train --list, then freshet train --activate another one; or freshet train", "version %d cannot be read: %s", version, err), nil
	}
	return ok("version %d can be read", version), nil
}
