package http

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/test/databases"
)

func TestEventsThatFindNoRoomInTheLogAreToComeLater(t *testing.T) {
	db, err := mysqlstore.Open(t.Context(), mysqlstore.Options{Path: databases.SQLite(t, "events.db")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	log := mysqlstore.NewGroupedLog(mysqlstore.NewEventLog(db), mysqlstore.GroupOptions{Waiting: 1})
	t.Cleanup(log.Close)
	w := newWorld(t, func(_ *Options, d *Deps) {
		d.Events = observing.NewRecordEvents(log, nil, nil, memindex.New(), true, time.Now)
	})
	event := func(id string) string {
		return fmt.Sprintf(`{"event_id":%q,"type":"like","viewer":"ann","item":"v001","at":%q}`, id, time.Now().UTC().Format(time.RFC3339))
	}
	two := "[" + event("e") + "," + event("f") + "]"

	r := w.ask("POST", "/v1/events", two)
	require.Equal(t, 429, r.status, r.text)
	require.Equal(t, "1", r.header.Get("Retry-After"))
	require.Equal(t, []any{"event_log_full", true}, []any{r.json(t)["error"], r.json(t)["retryable"]})

	log.Close()
	r = w.ask("POST", "/v1/events", two)
	require.Equal(t, 503, r.status, r.text)
	require.Equal(t, "1", r.header.Get("Retry-After"))
	require.Equal(t, []any{"event_log_closing", true}, []any{r.json(t)["error"], r.json(t)["retryable"]})
	head, err := log.Head(t.Context())
	require.NoError(t, err)
	require.Zero(t, head)
}
