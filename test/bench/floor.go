package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/hlog"

	"github.com/freshet/freshet/test/servers"
)

// floorWord is how this program tells itself to be the floor.
const floorWord = "be-the-floor"

// beTheFloor answers everything with the body on the standard input: what Hertz can do at all on this machine.
func beTheFloor(addr string) error {
	body, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	hlog.SetLevel(hlog.LevelFatal)
	h := server.New(server.WithHostPorts(addr), server.WithDisablePrintRoute(true))
	h.NoRoute(func(_ context.Context, c *app.RequestContext) { c.Data(200, "application/json; charset=utf-8", body) })
	h.Spin()
	return nil
}

// floor is such a process.
type floor struct {
	addr string
	cmd  *exec.Cmd
}

// startFloor starts one that answers body.
func startFloor(ctx context.Context, body io.Reader) (*floor, error) {
	addr, err := servers.FreeAddr()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	f := &floor{addr, exec.CommandContext(ctx, self, floorWord, addr)}
	f.cmd.Stdin, f.cmd.Stderr = body, os.Stderr
	if err := f.cmd.Start(); err != nil {
		return nil, err
	}
	for range 1000 {
		c, err := net.DialTimeout("tcp", addr, time.Second)
		if err == nil {
			return f, c.Close()
		}
		time.Sleep(10 * time.Millisecond)
	}
	f.stop()
	return nil, fmt.Errorf("the static server does not answer on %s", addr)
}

func (f *floor) stop() {
	_ = f.cmd.Process.Kill() // fails only when it is gone
	_ = f.cmd.Wait()
}
