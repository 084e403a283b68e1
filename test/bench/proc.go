package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

var errProc = errors.New("not what /proc says of a process")

// ticks is how finely /proc tells CPU time.
const ticks = 10 * time.Millisecond

// cpuOf is the user and system time that a process has had.
func cpuOf(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	return parseCPU(string(text))
}

// parseCPU reads /proc/PID/stat. The command's name stands in brackets and may hold anything.
func parseCPU(text string) (time.Duration, error) {
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:]) // from the third on
	if len(fields) < 13 {
		return 0, errProc
	}
	var sum time.Duration
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, errProc
		}
		sum += time.Duration(n) * ticks
	}
	return sum, nil
}

// residentOf is the memory of a process that is in RAM, in bytes.
func residentOf(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	return parseResident(string(text))
}

func parseResident(text string) (int64, error) {
	for line := range strings.Lines(text) {
		rest, is := strings.CutPrefix(line, "VmRSS:")
		if fields := strings.Fields(rest); is && len(fields) == 2 && fields[1] == "kB" {
			n, err := strconv.ParseInt(fields[0], 10, 64)
			return n * 1024, err
		}
	}
	return 0, errProc
}

// loadNow is the machine's load average over the last minute; 0 where it is not told.
func loadNow() float64 {
	text, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(text), " ")
	n, _ := strconv.ParseFloat(first, 64)
	return n
}
