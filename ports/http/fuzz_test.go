package http

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/ports/wire"
)

var batchSeeds = []string{
	`[{"event_id":"e","type":"like","viewer":"v","item":"i","at":"2026-01-01T00:00:00Z","watch_ms":-1e9}]`,
	`{"id":"a","tags":["x","\u00e9"],"payload":{"a":[1,{"b":null}]},"duration_ms":12}` + "\n" + `{"id":`,
	"[]", "{}", "null", `[[],{},"\ud800",{"a\\":1}]`, "\xEF\xBB\xBF[1]", "{\"id\":\"\xff\"}", "[1,2", `{"id":"x","id":"y"}`, " \n",
}

func FuzzEventBatch(f *testing.F) {
	for _, s := range batchSeeds {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, body []byte, lines bool) {
		var b eventBatch
		err := splitBatch(body, kind(lines), observing.MaxBatch, observing.ErrBatch, b.add)
		if err != nil {
			require.NotEqual(t, fault.Internal, fault.Of(err).Kind(), "%v", err)
		}
		read := 0
		for _, r := range b.results {
			if r.err == nil {
				read++
				continue
			}
			require.Equal(t, fault.Invalid, r.err.Kind())
		}
		require.Len(t, b.places, read)
		require.Len(t, b.events, read)
		for _, e := range b.events {
			for _, s := range []string{string(e.ID), string(e.Viewer), string(e.Item), string(e.Author), e.Session, e.Context} {
				require.True(t, utf8.ValidString(s))
			}
		}
		w := newText()
		defer w.release()
		writeResults(w, "event_id", b.results, "r", "rejected")
		require.True(t, json.Valid(w.b), "%s", w.b)
	})
}

func FuzzItemBatch(f *testing.F) {
	for _, s := range batchSeeds {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, body []byte, lines bool) {
		_ = splitBatch(body, kind(lines), publishing.MaxBatch, publishing.ErrBatch, func(v wire.Value, wrong *fault.Error) {
			d := draftOf(v, wrong)
			if d.Err != nil {
				require.Equal(t, fault.Invalid, d.Err.Kind())
				return
			}
			require.True(t, utf8.ValidString(string(d.ID)))
			if d.Details.Payload != nil {
				require.True(t, json.Valid(d.Details.Payload))
			}
			_, wrong = v.Patch(d.ID)
			require.Nil(t, wrong, "what a draft may say, a patch may say")
		})
	})
}

// FuzzText checks that whatever is written is JSON and reads as what it was.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", `"\`, "\x00\x1f\x7f", "日本\u2028", "\xff", "</script>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		w := newText()
		defer w.release()
		w.quote(s)
		var back string
		require.NoError(t, json.Unmarshal(w.b, &back))
		if utf8.ValidString(s) {
			require.Equal(t, s, back)
		}
	})
}

func kind(lines bool) string {
	if lines {
		return "application/x-ndjson"
	}
	return "application/json"
}
