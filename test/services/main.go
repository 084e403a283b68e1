// Command services brings up the Redis, Redis Cluster and MySQL-protocol server that tests want, by whatever the
// machine offers, runs a command with their addresses in its environment, and stops what it started.
//
//	go run ./test/services -- go test ./...
//	go run ./test/services -up      # leave them running; prints what to export
//	go run ./test/services -down
//
// Each server is had by the first of these that works: an address in the environment (FRESHET_TEST_*), a binary on
// PATH, Docker Compose, apt-get as root.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/freshet/freshet/test/servers"
)

func main() {
	up := flag.Bool("up", false, "start the servers, print what to export, and leave them running")
	down := flag.Bool("down", false, "stop what -up started")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: services -- COMMAND [ARGUMENT…] | services -up | services -down")
		flag.PrintDefaults()
	}
	flag.Parse()

	switch {
	case *up && !*down && flag.NArg() == 0:
		os.Exit(report(leaveUp()))
	case *down && !*up && flag.NArg() == 0:
		os.Exit(report(takeDown()))
	case !*up && !*down && flag.NArg() > 0:
		os.Exit(runWith(flag.Args()))
	}
	flag.Usage()
	os.Exit(2)
}

func report(err error) int {
	if err == nil {
		return 0
	}
	say("%v", err)
	return 1
}

// runWith runs command among the servers and returns the exit code of the whole. Without servers it runs what needs
// none, and that is a failure unless the user asked for it.
func runWith(command []string) int {
	signals := listen()
	if os.Getenv(servers.EnvEmbeddedOnly) == "1" {
		say("%s=1: no servers", servers.EnvEmbeddedOnly)
		return run(command, nil, signals)
	}
	fleet, err := bringUp(servers.Options{}, signals)
	defer func() {
		if err := fleet.close(); err != nil {
			say("stopping servers: %v", err)
		}
	}()
	if errors.Is(err, errInterrupted) {
		return exitCode((<-signals).(syscall.Signal))
	}
	if err != nil {
		shout("NO SERVERS: %v\nRunning only what needs none. This run FAILS; set %s=1 if that is what you want.",
			err, servers.EnvEmbeddedOnly)
		code := run(command, []string{servers.EnvEmbeddedOnly + "=1"}, signals)
		shout("Tests that need servers did NOT run: %v", err)
		return max(code, 1)
	}
	if !servers.HasRedis() || !servers.HasMySQL() {
		shout("Tests that kill servers will be SKIPPED: they need redis-server and mariadbd (or mysqld) on PATH.")
	}
	return run(command, append(fleet.environ(), servers.EnvRequireServers+"=1"), signals)
}

// listen keeps signals from ending us before what we started is stopped.
func listen() <-chan os.Signal {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	return signals
}

// run runs command in a process group of its own, so that a signal reaches all of it once: when we are told.
func run(command, env []string, signals <-chan os.Signal) int {
	select {
	case sig := <-signals:
		return exitCode(sig.(syscall.Signal))
	default:
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		say("%v", err)
		return 127
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		select {
		case sig := <-signals:
			_ = syscall.Kill(-cmd.Process.Pid, sig.(syscall.Signal)) // fails only when it is gone
		case err := <-done:
			return outcome(err)
		}
	}
}

func outcome(err error) int {
	exit := new(exec.ExitError)
	switch {
	case err == nil:
		return 0
	case !errors.As(err, &exit):
		say("%v", err)
		return 1
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return exitCode(status.Signal())
	}
	return exit.ExitCode()
}

// exitCode is the shell's for a command that a signal ended.
func exitCode(sig syscall.Signal) int { return 128 + int(sig) }

func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "services: "+format+"\n", args...)
}

func shout(format string, args ...any) {
	const bar = "################################################################################"
	fmt.Fprintf(os.Stderr, "\n"+bar+"\n"+format+"\n"+bar+"\n\n", args...)
}
