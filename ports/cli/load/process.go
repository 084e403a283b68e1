package load

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Process is a process on this machine, by a name for people.
type Process struct {
	Name string
	PID  int
}

// usage is what a process has used so far.
type usage struct {
	user, system time.Duration
	resident     int64 // bytes now
}

// tick is the unit of CPU time in /proc: USER_HZ, which is 100 wherever Linux runs Go.
const tick = 10 * time.Millisecond

var errStat = errors.New("not what /proc says of a process")

// usageOf reads /proc, where there is one.
func usageOf(pid int) (usage, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return usage{}, err
	}
	return parseStat(string(text))
}

// parseStat reads /proc/PID/stat. The name of the command stands in brackets and may hold anything, brackets too.
func parseStat(text string) (usage, error) {
	end := strings.LastIndexByte(text, ')')
	if end < 0 {
		return usage{}, errStat
	}
	fields := strings.Fields(text[end+1:]) // from the third on
	if len(fields) < 22 {
		return usage{}, errStat
	}
	var values [3]uint64
	for i, at := range [3]int{14, 15, 24} { // utime, stime, rss
		var err error
		if values[i], err = strconv.ParseUint(fields[at-3], 10, 48); err != nil {
			return usage{}, fmt.Errorf("%w: %w", errStat, err)
		}
	}
	return usage{time.Duration(values[0]) * tick, time.Duration(values[1]) * tick, int64(values[2]) * int64(os.Getpagesize())}, nil
}

// ParseProcess reads PID or NAME=PID. Without a name it is the command's.
func ParseProcess(text string) (Process, error) {
	name, number, named := strings.Cut(text, "=")
	if !named {
		name, number = "", text
	}
	pid, err := strconv.Atoi(number)
	if err != nil || pid <= 0 || named && name == "" {
		return Process{}, fmt.Errorf("--pid: %q is not PID or NAME=PID", text)
	}
	if _, err := usageOf(pid); err != nil {
		return Process{}, fmt.Errorf("--pid: of process %d nothing is to be learned: %w", pid, err)
	}
	if !named {
		name = commandOf(pid)
	}
	return Process{name, pid}, nil
}

func commandOf(pid int) string {
	text, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "comm")) // it was there a moment ago
	if name := strings.TrimSpace(string(text)); name != "" {
		return name
	}
	return strconv.Itoa(pid)
}
