package main

import (
	"bufio"
	"math"
	"slices"
	"strconv"
	"strings"
)

// exposition is what a process tells of itself in the text format of Prometheus: the value of every series, by its name with labels.
type exposition map[string]float64

func parseExposition(text string) exposition {
	e := exposition{}
	for s := bufio.NewScanner(strings.NewReader(text)); s.Scan(); {
		line := s.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		at := strings.LastIndexByte(line, ' ')
		if at <= 0 {
			continue
		}
		if value, err := strconv.ParseFloat(line[at+1:], 64); err == nil {
			e[line[:at]] = value
		}
	}
	return e
}

// sum adds up all series of a metric.
func (e exposition) sum(name string) (total float64) {
	for series, value := range e {
		if series == name || strings.HasPrefix(series, name+"{") {
			total += value
		}
	}
	return total
}

// since is what each series has grown by.
func (e exposition) since(before exposition) exposition {
	grown := exposition{}
	for series, value := range e {
		grown[series] = value - before[series]
	}
	return grown
}

// quantile is the upper end of the bucket in which that share of a histogram without labels lies; 0 when nothing is in it.
func (e exposition) quantile(name string, share float64) float64 {
	type bucket struct{ le, n float64 }
	var buckets []bucket
	for series, value := range e {
		le, is := strings.CutPrefix(series, name+`_bucket{le="`)
		if bound, err := strconv.ParseFloat(strings.TrimSuffix(le, `"}`), 64); is && err == nil {
			buckets = append(buckets, bucket{bound, value})
		}
	}
	if len(buckets) == 0 {
		return 0
	}
	slices.SortFunc(buckets, func(a, b bucket) int { return int(math.Copysign(1, a.le-b.le)) })
	all := buckets[len(buckets)-1].n
	for _, b := range buckets {
		if all > 0 && b.n >= share*all {
			return b.le
		}
	}
	return 0
}
