package wire_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/ports/wire"
)

// What is accepted is what the standard library reads too, and nothing panics.
func FuzzParseItem(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, line []byte) {
		d, err := wire.ParseItem(line)
		if err != nil {
			require.Equal(t, fault.Invalid, err.Kind())
			return
		}
		var std struct {
			ID      string          `json:"id"`
			Title   string          `json:"title"`
			Tags    []string        `json:"tags"`
			Payload json.RawMessage `json:"payload"`
		}
		require.NoError(t, json.Unmarshal(line, &std))
		require.Equal(t, std.ID, string(d.ID))
		require.Equal(t, std.Title, d.Details.Title)
		require.Equal(t, len(std.Tags), len(d.Details.Tags))
		require.True(t, utf8.ValidString(d.Details.Title))
		require.True(t, d.Details.Payload == nil || json.Valid(d.Details.Payload))
		require.True(t, d.Details.Duration >= 0 && d.Details.Duration <= catalog.MaxDuration)
	})
}

func FuzzParseEvent(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := wire.ParseEvent(line)
		if err != nil {
			require.Equal(t, fault.Invalid, err.Kind())
			return
		}
		var std struct {
			ID string `json:"event_id"`
		}
		require.NoError(t, json.Unmarshal(line, &std))
		require.Equal(t, std.ID, string(e.ID))
	})
}

func FuzzElements(f *testing.F) {
	f.Add([]byte(`[1,{"a":[]},"x"]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var std []json.RawMessage
		list := wire.Elements(data)
		if json.Unmarshal(data, &std) != nil || std == nil {
			require.Nil(t, list)
			return
		}
		if list == nil {
			require.Greater(t, bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")), wire.MaxDepth)
			return
		}
		require.Len(t, list, len(std))
		for i := range std {
			require.Equal(t, string(std[i]), string(list[i]))
		}
	})
}
