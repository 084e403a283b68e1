package intake

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/world"
)

func TestImportIntoThisProcess(t *testing.T) {
	p := world.New(t).Process()
	i := &Import{
		Items:  []string{write(t, "i.jsonl", items(1, 30)+`{"id":"x","tags":["a/b"]}`+"\n"+`{"id":"i1","title":"newer"}`)},
		Events: []string{write(t, "e.jsonl.gz", events(30)+`{"event_id":"old","type":"like","viewer":"v","item":"i1","at":"1989-12-31T23:59:59Z"}`)},
		Target: Here{Publishing: p.Items, Observing: p.Events},
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
