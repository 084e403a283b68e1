package e2e

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/instances"
	"github.com/freshet/freshet/test/servers"
)

// dataset finds real interactions to import: FRESHET_TEST_DATA, or a folder shared/data beside the checkout.
func dataset(t *testing.T, name string) (items, events string) {
	dir := os.Getenv("FRESHET_TEST_DATA")
	if dir == "" {
		dir = "../../../shared/data"
	}
	items, events = filepath.Join(dir, name, "items.jsonl.gz"), filepath.Join(dir, name, "events.jsonl.gz")
	if _, err := os.Stat(items); err != nil {
		t.Skipf("SKIPPED, NOT RUN: no data set %q: set FRESHET_TEST_DATA to a folder that has it", name)
	}
	return items, events
}

func TestRealInputEmbedded(t *testing.T) {
	for _, name := range []string{"ml100k", "shortvideo"} {
		t.Run(name, func(t *testing.T) {
			personalised(t, name, []string{"FRESHET_DATA_DIR=" + t.TempDir()})
		})
	}
}

func TestRealInputOnServers(t *testing.T) {
	for _, name := range []string{"ml100k", "shortvideo"} {
		t.Run(name, func(t *testing.T) {
			redis := servers.StartRedis(t)
			personalised(t, name, []string{
				"FRESHET_DATA_DIR=" + t.TempDir(), "FRESHET_REDIS_ADDRS=" + redis.Addr(), "FRESHET_MYSQL_DSN=" + servers.MySQLDatabase(t),
			})
		})
	}
}

// personalised imports a data set and compares the pages of the two viewers whose histories share least.
func personalised(t *testing.T, name string, env []string) {
	items, events := dataset(t, name)
	out, err := instances.Run(t, env, "import", "--items", items, "--events", events)
	require.NoError(t, err, out)
	t.Log(out)
	in := start(t, env)
	one, two := unlike(t, events)
	p, q := in.page("for-you", "viewer", one), in.page("for-you", "viewer", two)
	require.Len(t, p.Items, 20)
	require.Len(t, q.Items, 20)
	both := 0
	for _, id := range p.ids() {
		for _, other := range q.ids() {
			if id == other {
				both++
			}
		}
	}
	t.Logf("viewers %s and %s share %d of 20", one, two, both)
	require.Less(t, both, 10, "two viewers with different histories get pages that overlap by less than half")
}

// unlike picks two viewers with at least 20 good acts each and the smallest overlap of items.
func unlike(t *testing.T, path string) (string, string) {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	liked := map[string]map[string]bool{}
	var order []string
	for d := json.NewDecoder(z); d.More(); {
		var e struct{ Viewer, Item, Type string }
		require.NoError(t, d.Decode(&e))
		if e.Type == "skip" {
			continue
		}
		if liked[e.Viewer] == nil {
			liked[e.Viewer] = map[string]bool{}
			order = append(order, e.Viewer)
		}
		liked[e.Viewer][e.Item] = true
	}
	for i, one := range order {
		if len(liked[one]) < 20 {
			continue
		}
		for _, two := range order[i+1:] {
			if len(liked[two]) < 20 {
				continue
			}
			both := 0
			for item := range liked[one] {
				if liked[two][item] {
					both++
				}
			}
			if both <= 1 {
				return one, two
			}
		}
	}
	t.Fatal("no two viewers differ")
	return "", ""
}
