package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// Line is what `go test -bench` prints of one benchmark, a value for each unit.
type Line struct {
	Name   string // without Benchmark and without the number of processors
	Times  int64
	Values map[string]float64
}

// parseLines finds the lines of benchmarks in what go test printed.
func parseLines(text string) (lines []Line) {
	for s := bufio.NewScanner(strings.NewReader(text)); s.Scan(); {
		if l, ok := parseLine(s.Text()); ok {
			lines = append(lines, l)
		}
	}
	return lines
}

func parseLine(text string) (Line, bool) {
	name, is := strings.CutPrefix(text, "Benchmark")
	fields := strings.Fields(name)
	if !is || len(fields) < 4 || len(fields)%2 != 0 {
		return Line{}, false
	}
	l := Line{Name: fields[0], Values: map[string]float64{}}
	if i := strings.LastIndexByte(l.Name, '-'); i > 0 {
		if _, err := strconv.Atoi(l.Name[i+1:]); err == nil {
			l.Name = l.Name[:i]
		}
	}
	var err error
	if l.Times, err = strconv.ParseInt(fields[1], 10, 64); err != nil {
		return Line{}, false
	}
	for i := 2; i < len(fields); i += 2 {
		value, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return Line{}, false
		}
		l.Values[fields[i+1]] = value
	}
	return l, true
}

var errNoFigures = errors.New("go test printed no figures")

// goBench runs the benchmarks of one package whose names match, each for the time given ("1s", "3x").
func goBench(ctx context.Context, env []string, pkg, match, long string) ([]Line, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", match, "-benchtime", long, "-benchmem", pkg)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("go test -bench %s %s: %w\n%s", match, pkg, err, out)
	}
	lines := parseLines(string(out))
	if len(lines) == 0 {
		return nil, fmt.Errorf("%s: %w", pkg, errNoFigures)
	}
	return lines, nil
}

// valueOf is the value of the first line of that name; 0 when there is none.
func valueOf(lines []Line, name, unit string) float64 {
	for _, l := range lines {
		if l.Name == name {
			return l.Values[unit]
		}
	}
	return 0
}
