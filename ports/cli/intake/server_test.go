package intake

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func linesOf(texts ...string) []Line {
	out := make([]Line, len(texts))
	for i, t := range texts {
		out[i] = Line{Number: int64(i + 1), Text: []byte(t)}
	}
	return out
}

func serve(t *testing.T, answer http.HandlerFunc) *Server {
	web := httptest.NewServer(answer)
	t.Cleanup(web.Close)
	s, err := NewServer(web.URL+"/", "a key")
	require.NoError(t, err)
	return s
}

func TestLinesArePostedAsTheyStand(t *testing.T) {
	var got []string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, r.Method+" "+r.URL.Path+" "+r.Header.Get("Content-Type")+" "+string(body))
		fmt.Fprint(w, `{"results":[{"id":"a","status":"created"},{"id":"b","status":"rejected","error":"bad_tag","field":"tags"}],"created":1,"updated":0,"rejected":1}`)
	})
	out, err := s.Items(t.Context(), linesOf(`{"id": "a"}`, `{"id":"b"}`))
	require.NoError(t, err)
	require.Equal(t, []Outcome{{Status: Created}, {Status: Rejected, Code: "bad_tag", Field: "tags"}}, out)
	_, err = s.Events(t.Context(), linesOf(`{}`, `{}`))
	require.NoError(t, err)
	require.Equal(t, []string{
		"POST /v1/items:batch application/x-ndjson {\"id\": \"a\"}\n{\"id\":\"b\"}\n",
		"POST /v1/events application/x-ndjson {}\n{}\n",
	}, got)
}

func TestABusyServerSaysWhenToComeBack(t *testing.T) {
	for _, c := range []struct {
		status int
		header string
		after  time.Duration
	}{{429, "3", 3 * time.Second}, {503, "", 0}, {503, "Thu, 01 Jan 1970 00:00:10 GMT", 10 * time.Second}, {502, "-1", 0}} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", c.header)
			w.WriteHeader(c.status)
			fmt.Fprint(w, `{"error":"overloaded","message":"later","retryable":true}`)
		})
		s.now = func() time.Time { return time.Unix(0, 0) }
		_, err := s.Items(t.Context(), linesOf(`{}`))
		var later *Later
		require.ErrorAs(t, err, &later)
		require.Equal(t, c.after, later.After)
		require.ErrorContains(t, err, fmt.Sprintf("%d: overloaded: later", c.status))
	}
}

func TestWhatIsTooMuchIsHalved(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		n := strings.Count(string(body), "\n")
		if n > 2 || strings.Contains(string(body), "huge") {
			w.WriteHeader(413)
			fmt.Fprint(w, `{"error":"body_too_large","message":"too much"}`)
			return
		}
		results := make([]map[string]string, n)
		for i := range results {
			results[i] = map[string]string{"status": "accepted"}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"results": results})
	})
	out, err := s.Events(t.Context(), linesOf("1", "2", "huge", "4", "5"))
	require.NoError(t, err)
	require.Equal(t, []string{Accepted, Accepted, Rejected, Accepted, Accepted}, []string{out[0].Status, out[1].Status, out[2].Status, out[3].Status, out[4].Status})
	require.Equal(t, "body_too_large", out[2].Code)
}

func TestARefusalOrAStrangerEndsTheImport(t *testing.T) {
	for answer, says := range map[string]string{
		`{"results":[]}`: "1 lines were sent and 0 answered",
		`<html>`:         "not an answer of Freshet",
	} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, answer) })
		_, err := s.Items(t.Context(), linesOf(`{}`))
		require.ErrorContains(t, err, says)
	}
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) })
	_, err := s.Items(t.Context(), linesOf(`{}`))
	require.ErrorContains(t, err, "/v1/items:batch: 404: Not Found")
	var later *Later
	require.NotErrorAs(t, err, &later)
}

func TestAServerThatIsNotThereIsTriedAgain(t *testing.T) {
	s, err := NewServer("http://127.0.0.1:1", "")
	require.NoError(t, err)
	_, err = s.Items(t.Context(), linesOf(`{}`))
	var later *Later
	require.ErrorAs(t, err, &later)
}

func TestWhatIsNoServerIsRefused(t *testing.T) {
	for _, a := range []string{"", "localhost:8080", "ftp://a", "http://", "http://a?x=1"} {
		_, err := NewServer(a, "")
		require.Error(t, err, a)
	}
}
