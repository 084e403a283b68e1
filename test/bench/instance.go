package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/freshet/freshet/test/instances"
	"github.com/freshet/freshet/test/servers"
)

// instance is one process of the service.
type instance struct {
	http, admin, rpc string // host:port
	ready            time.Duration
	cmd              *exec.Cmd
	output           instances.Output
	gone             chan struct{}
}

var errGone = errors.New("the service ended before it was ready")

// start starts the n-th instance of the installation and returns when it can serve pages.
func (h *house) start(ctx context.Context, n int, settings ...string) (*instance, error) {
	env := append(append([]string{}, h.env...), "FRESHET_DATA_DIR="+filepath.Join(h.dir, h.name+"-"+strconv.Itoa(n)))
	return serve(ctx, h.binary, append(env, settings...))
}

// serve starts the binary with that environment, and looks every millisecond whether it is ready.
func serve(ctx context.Context, binary string, env []string) (*instance, error) {
	in := &instance{gone: make(chan struct{})}
	for _, addr := range []*string{&in.http, &in.admin, &in.rpc} {
		var err error
		if *addr, err = servers.FreeAddr(); err != nil {
			return nil, err
		}
	}
	in.cmd = exec.CommandContext(ctx, binary, "serve")
	in.cmd.Env = append(append(os.Environ(), "FRESHET_HTTP_ADDR="+in.http, "FRESHET_ADMIN_ADDR="+in.admin, "FRESHET_RPC_ADDR="+in.rpc), env...)
	in.cmd.Stdout, in.cmd.Stderr = &in.output, &in.output
	began := time.Now()
	if err := in.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = in.cmd.Wait() // how it ended is seen by what it did not do
		close(in.gone)
	}()
	for {
		if _, err := fetch(ctx, "http://"+in.admin+"/readyz"); err == nil {
			in.ready = time.Since(began)
			return in, nil
		}
		select {
		case <-in.gone:
			return nil, fmt.Errorf("%w\n%s", errGone, in.output.Tail(2000))
		case <-time.After(time.Millisecond):
		}
	}
}

func (in *instance) pid() int { return in.cmd.Process.Pid }

// stop ends it in order, and returns when it is gone.
func (in *instance) stop() {
	_ = in.cmd.Process.Signal(syscall.SIGTERM) // fails only when it is gone
	select {
	case <-in.gone:
	case <-time.After(15 * time.Second):
		_ = in.cmd.Process.Kill()
		<-in.gone
	}
}

// looks is how often an instance looks what waits in the outbox, and some more.
const looks = 2500 * time.Millisecond

// relayed waits until all changes of items were told, ten minutes at most: an import leaves as many behind as it has items.
func (in *instance) relayed(ctx context.Context) {
	for end, none := time.Now().Add(10*time.Minute), 0; none < 2 && time.Now().Before(end) && ctx.Err() == nil; {
		time.Sleep(looks)
		if told, err := in.metrics(ctx); err == nil && told.sum("freshet_relay_pending") == 0 {
			none++
		} else {
			none = 0
		}
	}
}

// written waits until it has written its index to disk, two minutes at most.
func (in *instance) written(ctx context.Context) {
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
		if told, err := in.metrics(ctx); err == nil && told.sum("freshet_catalogue_snapshot_bytes") > 0 {
			return
		}
	}
}

// metrics is what it tells of itself.
func (in *instance) metrics(ctx context.Context) (exposition, error) {
	text, err := fetch(ctx, "http://"+in.admin+"/metrics")
	return parseExposition(string(text)), err
}

// fetch is the body of an answer of 200.
func fetch(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return do(req)
}

func do(req *http.Request) ([]byte, error) {
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s: %s", req.Method, req.URL, res.Status, body[:min(len(body), 300)])
	}
	return body, err
}
