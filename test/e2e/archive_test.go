package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// TestServedPagesAreThereAfterRedisWasWiped asks for what was served when only SQL still knows.
func TestServedPagesAreThereAfterRedisWasWiped(t *testing.T) {
	a, b, server := fleet(t)
	a.publish(300, 30, 10)
	eventually(t, 10*time.Second, "both serve", func() bool { return len(b.page("latest", "viewer", "probe").Items) == 20 })
	served, cursor, session := map[int][]string{}, "", ""
	for n := 1; n <= 4; n++ {
		p := []*instance{a, b}[n%2].page("for-you", "viewer", "v", "cursor", cursor)
		require.Equal(t, n, p.Page)
		served[n], cursor, session = p.ids(), p.Cursor, p.Session
	}
	archived := func(in *instance) (pages map[int][]string) {
		var s struct {
			Pages []struct {
				Page  int
				Items []struct{ ID string }
			}
		}
		require.NoError(t, json.Unmarshal([]byte(in.must(http.MethodGet, "/v1/sessions/"+session, nil)), &s))
		pages = map[int][]string{}
		for _, p := range s.Pages {
			for _, it := range p.Items {
				pages[p.Page] = append(pages[p.Page], it.ID)
			}
		}
		return pages
	}
	eventually(t, 10*time.Second, "all is archived", func() bool { return len(archived(b)) == 4 })
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	require.NoError(t, client.FlushAll(t.Context()).Err())
	require.NoError(t, client.Close())

	for _, in := range []*instance{a, b} {
		require.Equal(t, served, archived(in))
		require.Contains(t, in.must(http.MethodGet, "/v1/viewers/v/sessions", nil), session)
		for n := range served {
			require.Contains(t, in.must(http.MethodPost, fmt.Sprintf("/v1/sessions/%s/pages/%d/replay", session, n), nil), `"identical":true`)
		}
	}
	next := a.page("for-you", "viewer", "v", "cursor", cursor)
	require.Equal(t, session, next.Session, "the session goes on")
	for n, items := range served {
		for _, id := range items {
			require.NotContains(t, next.ids(), id, "of page %d", n)
		}
	}
	eventually(t, 10*time.Second, "so does its archive", func() bool { return len(archived(b)) == 5 })
}
