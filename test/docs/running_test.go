package docs

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	ours "github.com/freshet/freshet/ports/http"
)

const root = "../.."

// house reads the tree, and asks both planes what they answer.
func house(t *testing.T) *House {
	t.Helper()
	h, err := ReadHouse(root, append(publicRoutes(t), adminRoutes(t)...))
	require.NoError(t, err)
	return h
}

func publicRoutes(t *testing.T) (routes []string) {
	var document struct{ Paths map[string]map[string]any }
	require.NoError(t, json.Unmarshal(answerOf(t, ours.New(ours.Options{Addr: "127.0.0.1:0"}, ours.Deps{}), "/openapi.json"), &document))
	for path, methods := range document.Paths {
		for method := range methods {
			if method != "parameters" {
				routes = append(routes, strings.ToUpper(method)+" "+path)
			}
		}
	}
	require.Greater(t, len(routes), 30)
	return routes
}

func adminRoutes(t *testing.T) (routes []string) {
	plane := ours.NewAdmin(ours.Options{Addr: "127.0.0.1:0"}, ours.AdminDeps{Metrics: prometheus.NewRegistry()})
	for _, path := range strings.Fields(string(answerOf(t, plane, "/"))) {
		routes = append(routes, "GET "+path)
	}
	require.Greater(t, len(routes), 4)
	return routes
}

// answerOf starts a plane, asks it once and stops it.
func answerOf(t *testing.T, plane *ours.Server, path string) []byte {
	require.NoError(t, plane.Start())
	defer func() { require.NoError(t, plane.Shutdown(t.Context())) }()
	res, err := http.Get("http://" + plane.Addr() + path)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusOK, res.StatusCode)
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return text
}
