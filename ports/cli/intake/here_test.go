package intake

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/application/remembering"
	"github.com/freshet/freshet/infrastructure/embeddedredis"
)

func here(t *testing.T) Here {
	db, err := mysqlstore.Open(t.Context(), mysqlstore.Options{Path: filepath.Join(t.TempDir(), "freshet.db")})
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	require.NoError(t, db.Migrate(t.Context()))
	server, err := embeddedredis.Start(embeddedredis.Options{})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	fast, err := redisstore.Open(redisstore.Options{Addrs: []string{server.Addr()}})
	require.NoError(t, err)
	t.Cleanup(func() { _ = fast.Close() })
	index := memindex.New()
	known := remembering.NewViewers(redisstore.NewRemembrance(fast), mysqlstore.NewRecollection(db), mysqlstore.NewRepairs(db), fast, time.Now)
	return Here{
		Publishing: publishing.NewItems(mysqlstore.NewItems(db), index, time.Now),
		Observing:  observing.NewRecordEvents(mysqlstore.NewEventLog(db), mysqlstore.NewViewers(db), known, index, true, time.Now),
	}
}

func TestImportIntoThisProcess(t *testing.T) {
	target := here(t)
	i := &Import{
		Items:  []string{write(t, "i.jsonl", items(1, 30)+`{"id":"x","tags":["a/b"]}`+"\n"+`{"id":"i1","title":"newer"}`)},
		Events: []string{write(t, "e.jsonl.gz", events(30)+`{"event_id":"old","type":"like","viewer":"v","item":"i1","at":"1989-12-31T23:59:59Z"}`)},
		Target: target,
	}
	s, says, err := imported(t, i)
	require.NoError(t, err)
	require.Equal(t, Counts{Lines: 32, Created: 30, Updated: 1, Rejected: 1}, s.Items)
	require.Equal(t, Counts{Lines: 31, Accepted: 30, Rejected: 1}, s.Events)
	require.Contains(t, says, "i.jsonl:31: tags: bad_tag: ")
	require.Contains(t, says, "e.jsonl.gz:31: at: too_old: ")

	s, _, err = imported(t, i)
	require.NoError(t, err)
	require.Equal(t, Counts{Lines: 31, Duplicate: 30, Rejected: 1}, s.Events)
}
