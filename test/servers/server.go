package servers

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

const (
	startPatience = 60 * time.Second
	stopPatience  = 20 * time.Second
)

// Options are how a server is launched. The zero value is what tests want.
type Options struct {
	// Outlive lets the server run on when the process that launched it ends, for whoever keeps its PID and Dir.
	// Otherwise, on Linux, it dies with its parent however that ends.
	Outlive bool
	// Flags are the server's own, and win over its usual ones.
	Flags []string
	// Under is where its directory is made; empty: where temporary files are.
	Under string
}

// Server is one child process with a directory and a port of its own. Its methods may be called from any goroutine.
type Server struct {
	name  string
	bin   string
	args  []string
	dir   string
	addr  string
	attrs *syscall.SysProcAttr
	ready func() error

	mu     sync.Mutex
	cmd    *exec.Cmd
	exited chan struct{} // closed when cmd is gone
}

// Addr is where it listens, the same after a Restart.
func (s *Server) Addr() string { return s.addr }

// Dir holds all it wrote; Close removes it.
func (s *Server) Dir() string { return s.dir }

// PID is that of the process last started, whether or not it still runs.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cmd.Process.Pid
}

// Kill ends it by SIGKILL and returns when it is gone. Killing what is gone does nothing.
func (s *Server) Kill() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kill()
}

// Stop ends it the way an operator would, and by SIGKILL when it does not listen: that is an error.
func (s *Server) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stop()
}

// Restart stops it if it runs, starts it again on the same port and directory, and returns when it answers.
func (s *Server) Restart() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.stop(), s.start())
}

// Pause freezes it by SIGSTOP and returns when its last thread stands still: connections open, nothing answers.
func (s *Server) Pause() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	for {
		_, err := syscall.Wait4(s.cmd.Process.Pid, nil, syscall.WUNTRACED, nil)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// Resume ends a Pause.
func (s *Server) Resume() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.signal(syscall.SIGCONT)
}

// Close kills it and removes its directory.
func (s *Server) Close() error {
	return errors.Join(s.Kill(), os.RemoveAll(s.dir))
}

func (s *Server) signal(sig os.Signal) error {
	if err := s.cmd.Process.Signal(sig); err != nil {
		return fmt.Errorf("%s: %v: %w", s.name, sig, err)
	}
	return nil
}

func (s *Server) start() error {
	out, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }() // the child has its own

	cmd := exec.Command(s.bin, s.args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = s.dir, out, out, s.attrs
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", s.name, err)
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(exited)
	}()
	s.cmd, s.exited = cmd, exited

	if err := s.awaitReady(); err != nil {
		return errors.Join(fmt.Errorf("start %s: %w\n%s", s.name, err, s.LogTail()), s.kill())
	}
	return nil
}

func (s *Server) awaitReady() error {
	var err error
	for deadline := time.Now().Add(startPatience); time.Now().Before(deadline); {
		answer := s.ready()
		select {
		case <-s.exited: // even if something answers: that is whoever took our port
			return errEarlyExit
		default:
		}
		if err = answer; err == nil {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("not ready after %v: %w", startPatience, err)
}

func (s *Server) kill() error {
	if s.cmd == nil {
		return nil
	}
	_ = s.cmd.Process.Kill() // fails only when it is gone
	select {
	case <-s.exited:
		return nil
	case <-time.After(stopPatience):
		return fmt.Errorf("%s: process %d survived SIGKILL", s.name, s.cmd.Process.Pid)
	}
}

func (s *Server) stop() error {
	if s.cmd == nil {
		return nil
	}
	_ = s.cmd.Process.Signal(syscall.SIGCONT) // a paused process hears no SIGTERM
	for deadline := time.Now().Add(stopPatience); time.Now().Before(deadline); {
		_ = s.cmd.Process.Signal(syscall.SIGTERM) // again and again: Redis drops it during its first AOF rewrite
		select {
		case <-s.exited:
			return nil
		case <-time.After(500 * time.Millisecond):
		}
	}
	return errors.Join(fmt.Errorf("%s: not stopped after %v\n%s", s.name, stopPatience, s.LogTail()), s.kill())
}

// LogTail is the end of what it printed.
func (s *Server) LogTail() string {
	const lines = 20
	out, err := os.ReadFile(s.logFile())
	if err != nil {
		return ""
	}
	all := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return string(bytes.Join(all[max(0, len(all)-lines):], []byte("\n")))
}

func (s *Server) logFile() string { return filepath.Join(s.dir, "server.log") }

var errEarlyExit = errors.New("it exited at once")

// launch retries what make describes, each time on a new port, while it fails for want of one.
func launch(make func() (*Server, error)) (*Server, error) {
	const attempts = 5
	var err error
	for range attempts {
		var s *Server
		if s, err = make(); err != nil {
			return nil, err
		}
		if err = s.start(); err == nil {
			return s, nil
		}
		err = errors.Join(err, s.Close())
		if !errors.Is(err, errEarlyExit) {
			return nil, err
		}
	}
	return nil, err
}
