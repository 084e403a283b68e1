package rpc_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/ports/rpc"
)

func TestQuick(t *testing.T) {
	bad := 0
	for range 100 {
		s := rpc.New(rpc.Options{Addr: "127.0.0.1:0", Drain: time.Second}, rpc.Deps{})
		require.NoError(t, s.Start())
		if err := s.Shutdown(context.Background()); err != nil {
			t.Log(err)
		}
		c, err := net.Dial("tcp", s.Addr())
		if err == nil {
			bad++
			c.Close()
		}
	}
	t.Log("still listening", bad)
}
