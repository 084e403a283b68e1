package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/freshet/freshet/test/servers"
)

// stateFile is what -up leaves for -down.
var stateFile = filepath.Join("data", "services.json")

type state struct {
	Environ  []string  `json:"environ"`
	Started  []process `json:"started"`
	Composed bool      `json:"composed"`
}

type process struct {
	PID  int    `json:"pid"`
	Port string `json:"port"` // its command line names it
	Dir  string `json:"dir"`
}

func leaveUp() error {
	if _, err := os.Stat(stateFile); err == nil {
		return fmt.Errorf("%s exists: they are up already, or -down first", stateFile)
	}
	fleet, err := bringUp(servers.Options{Outlive: true}, listen())
	if err != nil {
		return errors.Join(err, fleet.close())
	}
	st := state{Environ: fleet.environ(), Composed: fleet.composed}
	for _, s := range fleet.started {
		_, port, _ := net.SplitHostPort(s.Addr())
		st.Started = append(st.Started, process{s.PID(), port, s.Dir()})
	}
	if err := st.save(); err != nil {
		return errors.Join(err, fleet.close())
	}
	for _, variable := range st.Environ {
		name, value, _ := strings.Cut(variable, "=")
		fmt.Printf("export %s='%s'\n", name, value)
	}
	return nil
}

func takeDown() error {
	raw, err := os.ReadFile(stateFile)
	if errors.Is(err, fs.ErrNotExist) {
		say("nothing is up")
		return nil
	}
	if err != nil {
		return err
	}
	var st state
	if err := json.Unmarshal(raw, &st); err != nil {
		return fmt.Errorf("%s: %w", stateFile, err)
	}
	var errs []error
	for _, p := range st.Started {
		errs = append(errs, p.end())
	}
	if st.Composed {
		errs = append(errs, composeDown())
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return os.Remove(stateFile)
}

func (st state) save() error {
	raw, err := json.MarshalIndent(st, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(stateFile), 0o755); err != nil {
		return err
	}
	return os.WriteFile(stateFile, raw, 0o644)
}

// end kills p unless its id belongs to another process by now.
func (p process) end() error {
	for range 1000 {
		if !strings.Contains(commandLine(p.PID), p.Port) {
			return os.RemoveAll(p.Dir)
		}
		if err := syscall.Kill(p.PID, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("kill %d: %w", p.PID, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("process %d survived SIGKILL", p.PID)
}

func commandLine(pid int) string {
	id := strconv.Itoa(pid)
	if raw, err := os.ReadFile(filepath.Join("/proc", id, "cmdline")); err == nil {
		return string(raw)
	}
	out, err := exec.Command("ps", "-ww", "-o", "args=", "-p", id).Output()
	if err != nil {
		return "" // no such process
	}
	return string(out)
}
