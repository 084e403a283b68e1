package wire_test

import (
	"bytes"
	"encoding/json"
	"errors"
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
		d, err := readItem(line)
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
		e, err := readEvent(line)
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
		v, err := wire.Parse(data, 1)
		if json.Unmarshal(data, &std) != nil || std == nil {
			for range v.Elements() {
				t.Fatal("what is no list has no elements")
			}
			return
		}
		if err != nil {
			require.ErrorIs(t, err, wire.ErrDeep)
			require.Greater(t, bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")), wire.MaxDepth)
			return
		}
		var list []string
		for e := range v.Elements() {
			list = append(list, string(e))
		}
		require.Len(t, list, len(std))
		for i := range std {
			require.Equal(t, string(std[i]), list[i])
		}
	})
}

// FuzzObject compares the reader of objects with encoding/json.
func FuzzObject(f *testing.F) {
	seeds(f)
	f.Add([]byte(`{"a\\":1,"b":[null],"":{}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := wire.Parse(data, 1)
		if err != nil {
			return
		}
		require.True(t, json.Valid(data))
		got := map[string]json.RawMessage{}
		if v.Object(func(name string, v wire.Value) *fault.Error {
			got[name] = json.RawMessage(v)
			return nil
		}) != nil {
			return
		}
		var want map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(data, &want))
		require.Len(t, got, len(want))
		for name, raw := range want {
			require.Equal(t, string(raw), string(got[name]))
			require.Equal(t, string(raw), string(v.Get(name)))
		}
	})
}

// A payload by itself is read as one in an item, and once read stays as it is.
func FuzzPayload(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		alone, err := wire.ParsePayload(text)
		if len(text) > 0 && json.Valid(text) {
			d, inside := readItem([]byte(`{"id":"v","payload":` + string(text) + `}`))
			if inside == nil || !errors.Is(inside, catalog.ErrTooLong) {
				require.Equal(t, inside, err)
				require.Equal(t, d.Details.Payload, alone)
			}
		}
		if err == nil {
			again, err := wire.ParsePayload(alone)
			require.Nil(t, err)
			require.Equal(t, alone, again)
		}
	})
}
