package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/freshet/freshet/test/servers"
)

// fleet is what a run uses and what of it we started.
type fleet struct {
	addresses map[string]string // by environment variable
	started   []*servers.Server
	composed  bool
}

// want is one kind of server: the variable that tells tests of it, and each means of having it.
type want struct {
	variable string
	name     string
	binary   func() bool
	launch   func(servers.Options) ([]*servers.Server, error)
	address  func([]*servers.Server) string
	composed string // its service in the compose file
	packaged string // its Debian package
	fixed    string // its address there
}

var wants = []want{
	{
		variable: servers.EnvRedis, name: "Redis", binary: servers.HasRedis,
		launch: one(servers.LaunchRedis), address: addrs,
		composed: "test-redis", fixed: "127.0.0.1:16379", packaged: "redis-server",
	},
	{
		variable: servers.EnvRedisCluster, name: "Redis Cluster", binary: servers.HasRedis,
		launch: servers.LaunchRedisCluster, address: addrs,
		composed: "test-redis-cluster", fixed: "127.0.0.1:17001,127.0.0.1:17002,127.0.0.1:17003", packaged: "redis-server",
	},
	{
		variable: servers.EnvMySQL, name: "MySQL", binary: servers.HasMySQL,
		launch: one(servers.LaunchMySQL), address: func(s []*servers.Server) string { return s[0].DSN("") },
		composed: "test-mysql", fixed: "root:freshet@tcp(127.0.0.1:13306)/?charset=utf8mb4", packaged: "mariadb-server",
	},
}

// errInterrupted leaves the signal in its channel.
var errInterrupted = errors.New("interrupted")

// bringUp returns a fleet to close even when it fails. A means that a signal ended is not followed by the next one.
func bringUp(opts servers.Options, signals <-chan os.Signal) (*fleet, error) {
	f := &fleet{addresses: map[string]string{}}
	missing := wants
	var errs []error
	for _, means := range []struct {
		name string
		try  func([]want, servers.Options) ([]want, error)
	}{
		{"the environment", f.given},
		{"a binary on PATH", f.installed},
		{"Docker Compose", f.compose},
		{"apt-get", f.apt},
	} {
		still, err := means.try(missing, opts)
		if len(signals) > 0 {
			return f, errInterrupted
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", means.name, err))
		}
		for _, w := range missing {
			if address, ok := f.addresses[w.variable]; ok {
				say("%s on %s, by %s", w.name, address, means.name)
			}
		}
		if missing = still; len(missing) == 0 {
			return f, nil
		}
	}
	var names []string
	for _, w := range missing {
		names = append(names, w.name)
	}
	return f, fmt.Errorf("no way to have %s:\n%w", strings.Join(names, ", "), errors.Join(errs...))
}

// Each means takes what is wanted and returns what still is.

func (f *fleet) given(wanted []want, _ servers.Options) (still []want, _ error) {
	for _, w := range wanted {
		if address := os.Getenv(w.variable); address != "" {
			f.addresses[w.variable] = address
		} else {
			still = append(still, w)
		}
	}
	return still, nil
}

func (f *fleet) installed(wanted []want, opts servers.Options) (still []want, _ error) {
	var errs []error
	for _, w := range wanted {
		started, err := w.launch(opts)
		if err != nil {
			errs = append(errs, err)
			still = append(still, w)
			continue
		}
		f.started = append(f.started, started...)
		f.addresses[w.variable] = w.address(started)
	}
	return still, errors.Join(errs...)
}

func (f *fleet) compose(wanted []want, _ servers.Options) ([]want, error) {
	if out, err := exec.Command("docker", "info").CombinedOutput(); err != nil {
		return wanted, fmt.Errorf("docker info: %w: %s", err, lastLine(out))
	}
	args := []string{"up", "--detach", "--wait"}
	for _, w := range wanted {
		args = append(args, w.composed)
	}
	f.composed = true // even if it fails halfway
	if err := composeCommand(args...); err != nil {
		return wanted, err
	}
	for _, w := range wanted {
		f.addresses[w.variable] = w.fixed
	}
	return nil, nil
}

func (f *fleet) apt(wanted []want, opts servers.Options) ([]want, error) {
	if os.Getuid() != 0 {
		return wanted, errors.New("only root installs packages")
	}
	install := []string{"install", "-y", "--no-install-recommends"}
	for _, w := range wanted {
		if !w.binary() && !slices.Contains(install, w.packaged) {
			install = append(install, w.packaged)
		}
	}
	for _, args := range [][]string{{"update"}, install} {
		cmd := exec.Command("apt-get", args...)
		// RUNLEVEL=1 keeps packages from starting servers of their own.
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1")
		if err := quietly(cmd); err != nil {
			return wanted, err
		}
	}
	return f.installed(wanted, opts)
}

func (f *fleet) environ() []string {
	var env []string
	for _, w := range wants {
		if address, ok := f.addresses[w.variable]; ok {
			env = append(env, w.variable+"="+address)
		}
	}
	return env
}

func (f *fleet) close() error {
	var errs []error
	for _, s := range f.started {
		errs = append(errs, s.Close())
	}
	if f.composed {
		errs = append(errs, composeDown())
	}
	return errors.Join(errs...)
}

func composeDown() error { return composeCommand("down", "--volumes") }

func composeCommand(args ...string) error {
	return quietly(exec.Command("docker", append([]string{
		"compose", "--project-name", "freshet-test", "--file", "deploy/compose.yaml", "--profile", "test"}, args...)...))
}

// quietly shows what cmd prints only when it fails.
func quietly(cmd *exec.Cmd) error {
	say("%s", strings.Join(cmd.Args, " "))
	out, err := cmd.CombinedOutput()
	if err != nil {
		time.Sleep(100 * time.Millisecond) // the signal it may have died of is then with us too
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return nil
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

func one(launch func(servers.Options) (*servers.Server, error)) func(servers.Options) ([]*servers.Server, error) {
	return func(opts servers.Options) ([]*servers.Server, error) {
		s, err := launch(opts)
		if err != nil {
			return nil, err
		}
		return []*servers.Server{s}, nil
	}
}

func addrs(started []*servers.Server) string {
	all := make([]string, len(started))
	for i, s := range started {
		all[i] = s.Addr()
	}
	return strings.Join(all, ",")
}
