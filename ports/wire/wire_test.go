package wire_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/ports/wire"
)

func parse(t testing.TB, text string) wire.Value {
	v, err := wire.Parse([]byte(text), 1)
	require.Nil(t, err)
	return v
}

// readItem reads a draft as the model does, too.
func readItem(text []byte) (d publishing.Draft, err *fault.Error) {
	v, err := wire.Parse(text, 1)
	if err == nil {
		d, err = v.Item()
	}
	if err == nil {
		err = fault.Of(d.Details.Check())
	}
	return d, err
}

func readEvent(text []byte) (e engagement.Event, err *fault.Error) {
	v, err := wire.Parse(text, 1)
	if err == nil {
		e, err = v.Event()
	}
	return e, err
}

func TestAnItemIsReadWhole(t *testing.T) {
	d, err := readItem([]byte(`  {"id":"v1","author":"a","title":"A \"title\"\ud83d\ude00","tags":["x","y"],"lang":"en","region":"US",
		"labels":["ok"],"duration_ms":1500,"published_at":"2026-01-31T08:00:00.123+08:00","expires_at":null,
		"payload":{"a": [1, 2.50, "}{"], "b" : null}}` + "\r\n"))
	require.Nil(t, err)
	require.Nil(t, d.Err)
	require.Equal(t, catalog.ItemID("v1"), d.ID)
	require.Equal(t, catalog.Details{
		Author: "a", Title: "A \"title\"😀", Tags: []string{"x", "y"}, Lang: "en", Region: "US", Labels: []string{"ok"},
		Duration: 1500 * time.Millisecond, PublishedAt: time.Date(2026, 1, 31, 0, 0, 0, 123e6, time.UTC),
		Payload: []byte(`{"a":[1,2.50,"}{"],"b":null}`),
	}, d.Details)
}

func TestAnEventIsReadWhole(t *testing.T) {
	e, err := readEvent([]byte(`{"event_id":"e","type":"play_progress","viewer":"v","item":"i","author":"a","at":"2026-01-31T08:00:00Z",
		"session":"s","context":"s.1.2","watch_ms":10,"duration_ms":20,"auto_presented":true}`))
	require.Nil(t, err)
	require.Equal(t, engagement.Event{
		ID: "e", Viewer: "v", Act: audience.PlayProgress, Item: "i", Author: "a", At: time.Date(2026, 1, 31, 8, 0, 0, 0, time.UTC),
		Session: "s", Context: "s.1.2", Watched: 10 * time.Millisecond, Duration: 20 * time.Millisecond, AutoPresented: true,
	}, e)
}

func TestWhatAnItemMayNotBe(t *testing.T) {
	for _, c := range []struct{ name, line, field, code string }{
		{"nothing", ``, "", "bad_json"},
		{"an array", `[]`, "", "wrong_type"},
		{"a string", `"id"`, "", "wrong_type"},
		{"cut off", `{"id":"v"`, "", "bad_json"},
		{"two objects", `{"id":"v"}{"id":"w"}`, "", "bad_json"},
		{"a comma too many", `{"id":"v",}`, "", "bad_json"},
		{"an unknown field", `{"id":"v","colour":"red"}`, "colour", "unknown_field"},
		{"another case", `{"ID":"v"}`, "ID", "unknown_field"},
		{"a field twice", `{"id":"v","id":"w"}`, "id", "duplicate_field"},
		{"a field twice, once escaped", `{"id":"v","\u0069d":"w"}`, "id", "duplicate_field"},
		{"a number for an id", `{"id":7}`, "id", "wrong_type"},
		{"an object for a title", `{"id":"v","title":{}}`, "title", "wrong_type"},
		{"a string for tags", `{"id":"v","tags":"a"}`, "tags", "wrong_type"},
		{"a number among tags", `{"id":"v","tags":["a",1]}`, "tags", "wrong_type"},
		{"null among tags", `{"id":"v","tags":[null]}`, "tags", "wrong_type"},
		{"a number among labels", `{"id":"v","labels":[1]}`, "labels", "wrong_type"},
		{"a flag for an author", `{"id":"v","author":true}`, "author", "wrong_type"},
		{"a number for a language", `{"id":"v","lang":1}`, "lang", "wrong_type"},
		{"an array for a region", `{"id":"v","region":[]}`, "region", "wrong_type"},
		{"a string for a duration", `{"id":"v","duration_ms":"1"}`, "duration_ms", "wrong_type"},
		{"a broken duration", `{"id":"v","duration_ms":1.5}`, "duration_ms", "wrong_type"},
		{"a duration in powers", `{"id":"v","duration_ms":1e3}`, "duration_ms", "wrong_type"},
		{"a negative duration", `{"id":"v","duration_ms":-1}`, "duration_ms", "bad_duration"},
		{"48 hours and a tick", `{"id":"v","duration_ms":172800001}`, "duration_ms", "bad_duration"},
		{"a duration past all numbers", `{"id":"v","duration_ms":99999999999999999999}`, "duration_ms", "bad_duration"},
		{"a number for a time", `{"id":"v","published_at":1700000000}`, "published_at", "wrong_type"},
		{"a day for a time", `{"id":"v","published_at":"2026-01-31"}`, "published_at", "bad_time"},
		{"a time without a zone", `{"id":"v","expires_at":"2026-01-31T08:00:00"}`, "expires_at", "bad_time"},
		{"an empty time", `{"id":"v","expires_at":""}`, "expires_at", "bad_time"},
		{"the 31st of February", `{"id":"v","expires_at":"2026-02-31T00:00:00Z"}`, "expires_at", "bad_time"},
		{"the year 1", `{"id":"v","expires_at":"0001-01-01T00:00:00Z"}`, "expires_at", "bad_time"},
		{"bad UTF-8", "{\"id\":\"v\",\"title\":\"\xff\"}", "title", "bad_utf8"},
		{"bad UTF-8 in a payload", "{\"id\":\"v\",\"payload\":{\"a\":\"\xff\"}}", "payload", "bad_utf8"},
		{"bad UTF-8 in a name", "{\"id\":\"v\",\"\xff\":1}", "", "bad_utf8"},
		{"no id", `{"title":"t"}`, "id", "missing"},
		{"an empty id", `{"id":""}`, "id", "missing"},
		{"65 levels", `{"id":"v","payload":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`, "", "too_deep"},
		{"half a character", `{"id":"\ud83d"}`, "id", "bad_utf8"},
		{"the other half", `{"id":"\ude00"}`, "id", "bad_utf8"},
		{"half a character and a letter", `{"id":"\ud83d\u0041"}`, "id", "bad_utf8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := readItem([]byte(c.line))
			require.NotNil(t, err)
			require.Equal(t, []string{c.field, c.code}, []string{err.Field(), err.Code()})
			require.True(t, d.Err == nil || d.Err == err)
		})
	}
}

func TestWhatAnEventMayNotBe(t *testing.T) {
	now := time.Date(2026, 1, 31, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct{ name, line, field, code string }{
		{"null", `null`, "", "wrong_type"},
		{"an unknown field", `{"event_id":"e","user":"v"}`, "user", "unknown_field"},
		{"an unknown type", `{"type":"stare"}`, "type", "unknown_type"},
		{"an empty type", `{"type":""}`, "type", "unknown_type"},
		{"no type", `{"event_id":"e"}`, "type", "missing"},
		{"null for a type", `{"type":null}`, "type", "missing"},
		{"a number for a type", `{"type":1}`, "type", "wrong_type"},
		{"a number for an id", `{"event_id":1}`, "event_id", "wrong_type"},
		{"a number for a viewer", `{"viewer":1}`, "viewer", "wrong_type"},
		{"a number for an item", `{"item":1}`, "item", "wrong_type"},
		{"a number for an author", `{"author":1}`, "author", "wrong_type"},
		{"a number for a session", `{"session":1}`, "session", "wrong_type"},
		{"a number for a context", `{"context":1}`, "context", "wrong_type"},
		{"a number for a time", `{"at":1}`, "at", "wrong_type"},
		{"no time at all", `{"at":"yesterday"}`, "at", "bad_time"},
		{"the year 1", `{"type":"like","at":"0001-01-01T00:00:00.0009Z"}`, "at", "too_old"},
		{"a negative watch", `{"type":"like","watch_ms":-1}`, "watch_ms", "bad_watch"},
		{"48 hours and a tick", `{"type":"like","watch_ms":172800001}`, "watch_ms", "bad_watch"},
		{"a negative length", `{"type":"like","duration_ms":-5}`, "duration_ms", "bad_watch"},
		{"a watch below all numbers", `{"type":"like","watch_ms":-99999999999999999999}`, "watch_ms", "bad_watch"},
		{"a string for a watch", `{"watch_ms":"1"}`, "watch_ms", "wrong_type"},
		{"a number for a flag", `{"auto_presented":1}`, "auto_presented", "wrong_type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := readEvent([]byte(c.line))
			if err == nil { // then the model refuses it, once the rest is in order
				e.ID, e.Act, e.Viewer, e.Item, e.At = "e", audience.Seen, "v", "i", cmp.Or(e.At, now)
				err = fault.Of(e.Check(now))
			}
			require.NotNil(t, err)
			require.Equal(t, []string{c.field, c.code}, []string{err.Field(), err.Code()})
		})
	}
}

func TestTheIDIsKnownOfWhatIsRefused(t *testing.T) {
	d, err := readItem([]byte(`{"title":1,"id":"v"}`))
	require.Equal(t, "title", err.Field())
	require.Equal(t, catalog.ItemID("v"), d.ID)

	e, err := readEvent([]byte(`{"x":1,"y":2,"event_id":"e"}`))
	require.Equal(t, "x", err.Field(), "the first refusal is told")
	require.Equal(t, engagement.EventID("e"), e.ID)
}

func TestExactBoundaries(t *testing.T) {
	d, err := readItem([]byte(`{"id":"v","duration_ms":172800000}`))
	require.Nil(t, err)
	require.Equal(t, catalog.MaxDuration, d.Details.Duration)
	_, err = readItem([]byte(`{"id":"v","payload":` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + `}`))
	require.Nil(t, err)
	d, err = readItem([]byte(`{"id":"v","author":null,"tags":null,"duration_ms":null,"payload":null,"published_at":null}`))
	require.Nil(t, err)
	require.Equal(t, catalog.Details{}, d.Details)
}

func TestAPatchNamesWhatItReplaces(t *testing.T) {
	p, err := parse(t, `{"id":"v","title":"new","tags":null,"duration_ms":0}`).Patch("v")
	require.Nil(t, err)
	require.Equal(t, "new", *p.Title)
	require.Empty(t, *p.Tags)
	require.Zero(t, *p.Duration)
	require.Nil(t, p.Author)
	require.Nil(t, p.Payload)

	p, err = parse(t, `{"id":null}`).Patch("v")
	require.Nil(t, err)
	require.True(t, p.Empty())
}

func TestNoOtherItemIsNamed(t *testing.T) {
	_, err := parse(t, `{"id":"w"}`).Patch("v")
	require.Equal(t, []string{"id", "id_mismatch"}, []string{err.Field(), err.Code()})
	_, err = parse(t, `{"id":"w","title":"x"}`).Details("v")
	require.Equal(t, []string{"id", "id_mismatch"}, []string{err.Field(), err.Code()})
	d, err := parse(t, `{"title":"x"}`).Details("v")
	require.Nil(t, err)
	require.Equal(t, catalog.Details{Title: "x"}, d)
}

func TestTextThatIsNotJSONSaysWhere(t *testing.T) {
	for _, c := range []struct {
		text string
		line int
		want string
	}{
		{"", 1, "line 1, column 1: "},
		{"nonsense", 4, "line 4, column 2: "},
		{"\n {\"title\": oops\n}", 1, "line 2, column 12: "},
		{"{}\n\n {}", 7, "line 9, column 2: "},
	} {
		_, err := wire.Parse([]byte(c.text), c.line)
		require.ErrorIs(t, err, wire.ErrJSON)
		require.Contains(t, err.Message(), c.want)
	}
}

func TestALayoutSaysNothing(t *testing.T) {
	alone, err := wire.ParsePayload([]byte(" {\"a\" : [ 1.50, \"\\ud800\" ]\n} "))
	require.Nil(t, err)
	d, err := readItem([]byte(`{"id":"v","payload":{"a":[1.50,"\ud800"]}}`))
	require.Nil(t, err)
	require.Equal(t, string(d.Details.Payload), string(alone))
}

// An object of very many fields that nobody knows costs no more than reading it.
func TestManyUnknownFieldsAreRefusedQuickly(t *testing.T) {
	var b strings.Builder
	b.WriteByte('{')
	for i := range 200_000 {
		fmt.Fprintf(&b, `"%d":0,`, i)
	}
	b.WriteString(`"id":"v"}`)
	v, began := parse(t, b.String()), time.Now()
	d, err := v.Item()
	require.ErrorIs(t, err, wire.ErrUnknown)
	require.Equal(t, catalog.ItemID("v"), d.ID)
	require.Less(t, time.Since(began), 5*time.Second)
}

func TestElements(t *testing.T) {
	elements := func(text string) (got []string) {
		for v := range parse(t, text).Elements() {
			got = append(got, string(v))
		}
		return got
	}
	require.Nil(t, elements(`{"a":[1]}`))
	require.Nil(t, elements(" [ ]\n"))
	require.Equal(t, []string{`{"a":"]"}`, `2`, `"x\"y"`, `[ [] ]`, `null`}, elements(`[ {"a":"]"} , 2,"x\"y", [ [] ],null ]`))
	_, err := wire.Parse([]byte("["+strings.Repeat("[", 64)+strings.Repeat("]", 64)+"]"), 1)
	require.Nil(t, err, "a list does not make its elements deeper")
}

func TestGet(t *testing.T) {
	v := parse(t, `{"a":1,"\u0062":"x","b":"y"}`)
	text, err := v.Get("b").Text("")
	require.Nil(t, err)
	require.Equal(t, "x", text)
	require.True(t, v.Get("c").Null())
	require.Nil(t, parse(t, "[]").Get("a"))
}

func BenchmarkParseEvent(b *testing.B) {
	line := []byte(`{"event_id":"0001-77","type":"like","viewer":"u77","item":"m50","at":"1998-04-01T00:00:00Z","watch_ms":1200}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := readEvent(line); err != nil {
			b.Fatal(err)
		}
	}
}

func seeds(f *testing.F) {
	for _, s := range []string{``, `{}`, `[]`, `{"id":"v","tags":["a"],"payload":{"a":[1,{"b":"\""}]}}`, `{"event_id":"e","type":"like","at":"2026-01-01T00:00:00Z"}`,
		`{"id":"\ud83d\ude00"}`, `{"id":"\ud83d"}`, `{"a":1,"a":2}`, `{"duration_ms":-0}`, "\f{}", `{"\u0069d":"x"}`, strings.Repeat(`{"payload":`, 50)} {
		f.Add([]byte(s))
	}
}
