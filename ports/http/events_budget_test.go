//go:build !race

package http

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/engagement"
)

// freeLog says at once that every event is new, and keeps none.
type freeLog struct {
	engagement.EventLog
	fresh []bool
}

func (l freeLog) Append(_ context.Context, events []engagement.Event, _ time.Time) ([]bool, error) {
	return l.fresh[:len(events)], nil
}

type forgetful struct{ audience.Remembrance }

func (forgetful) Note(context.Context, []audience.Note) error { return nil }

func TestABatchOfEventsOverStoresThatCostNothingKeepsToItsBudget(t *testing.T) {
	log := freeLog{fresh: make([]bool, 100)}
	var body strings.Builder
	for i := range log.fresh {
		log.fresh[i] = true
		fmt.Fprintf(&body, `%s{"event_id":"%016x","type":"play_progress","viewer":"v%d","item":"item-%08d","at":"%s","watch_ms":2000,"duration_ms":60000}`,
			"[,"[min(i, 1):min(i, 1)+1], i, i, i, time.Now().UTC().Format(time.RFC3339Nano))
	}
	body.WriteByte(']')
	known := remembering.NewViewers(forgetful{}, nil, nil, steady{}, time.Now)
	p := &public{
		opts:  Options{}.withDefaults(),
		deps:  Deps{Events: observing.NewRecordEvents(log, nil, known, memindex.New(), true, time.Now)},
		meter: newMeter(nil), draining: func() bool { return false },
	}
	rc := app.NewContext(0)
	c := &call{RequestContext: rc, id: "a-request", caller: access.Trusted(), limits: &p.opts}
	send := func() {
		rc.Reset()
		rc.Request.SetBodyString(body.String())
		if err := p.recordEvents(context.Background(), c); err != nil {
			t.Fatal(err)
		}
	}
	send()
	require.Contains(t, string(rc.Response.Body()), `"accepted":100`)
	allocs := testing.AllocsPerRun(100, send)
	require.LessOrEqual(t, allocs, 125.0, "the texts of each event, and what the batch is in")
}
