package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/infrastructure/config"
)

func TestWhoIsAskedFollowsFromWhereItListens(t *testing.T) {
	const here, any = "127.0.0.1:1", "0.0.0.0:1"
	for _, c := range []struct {
		mode, http, rpc, admin string
		callers, operators     bool
	}{
		{"auto", here, "[::1]:2", "localhost:3", false, false},
		{"auto", "127.8.8.8:1", "[::ffff:127.0.0.1]:2", "127.0.0.1:3", false, false},
		{"auto", any, "127.0.0.1:2", "127.0.0.1:3", true, false},
		{"auto", here, ":2", "127.0.0.1:3", true, false},
		{"auto", "[::]:1", "127.0.0.1:2", "127.0.0.1:3", true, false},
		{"auto", "service:1", "127.0.0.1:2", "127.0.0.1:3", true, false},
		{"auto", here, "127.0.0.1:2", "10.0.0.1:3", false, true},
		{"required", here, "127.0.0.1:2", "127.0.0.1:3", true, false},
		{"required", any, "0.0.0.0:2", "0.0.0.0:3", true, true},
		{"open", any, "0.0.0.0:2", "0.0.0.0:3", false, false},
	} {
		cfg := load(t, config.Options{Environment: []string{"HOME=/h"}, Set: []string{"access.mode=" + c.mode, "http.addr=" + c.http, "rpc.addr=" + c.rpc, "admin.addr=" + c.admin}})
		require.Equal(t, c.callers, cfg.Asks(), "%+v", c)
		require.Equal(t, c.operators, cfg.AsksOperators(), "%+v", c)
	}
}
