package main

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestBenchmarkLinesAreReadByTheirUnits(t *testing.T) {
	lines := parseLines(`goos: linux
pkg: github.com/freshet/freshet/infrastructure/snowflake
BenchmarkNext/wide/one-2         	 4318840	       231.4 ns/op	         4.321 M/s	       0 B/op	       0 allocs/op
BenchmarkHotItem/MySQL/like/2000 	       1	3118900000 ns/op	     32062 events/s
BenchmarkOfNothing
BenchmarkBroken-2 12 ns/op
--- BENCH: BenchmarkNext
PASS
ok  	github.com/freshet/freshet/infrastructure/snowflake	3.2s
`)
	require.Len(t, lines, 2)
	require.Equal(t, Line{"Next/wide/one", 4318840, map[string]float64{"ns/op": 231.4, "M/s": 4.321, "B/op": 0, "allocs/op": 0}}, lines[0])
	require.InDelta(t, 32062, valueOf(lines, "HotItem/MySQL/like/2000", "events/s"), 0)
	require.Zero(t, valueOf(lines, "HotItem/MySQL/like/1", "events/s"))
}

func TestMetricsAreSummedAndTheirQuantilesAreEndsOfBuckets(t *testing.T) {
	before := parseExposition("# HELP pages ha\npages{feed=\"a b\",rung=\"full\"} 1\nnonsense\nempty x\n")
	after := parseExposition(`pages{feed="a b",rung="full"} 11
pages{feed="a b",rung="popular"} 2
pages_other 100
pauses_bucket{le="1e-05"} 10
pauses_bucket{le="0.001"} 98
pauses_bucket{le="0.01"} 99
pauses_bucket{le="+Inf"} 100
`)
	grown := after.since(before)
	require.InDelta(t, 12, grown.sum("pages"), 0)
	require.InDelta(t, 1e-5, grown.quantile("pauses", 0.1), 0)
	require.InDelta(t, 1e-3, grown.quantile("pauses", 0.98), 0)
	require.InDelta(t, 1e-2, grown.quantile("pauses", 0.99), 0)
	require.True(t, math.IsInf(grown.quantile("pauses", 1), 1))
	require.Zero(t, grown.quantile("pages", 0.5))
	require.Zero(t, exposition{`none_bucket{le="+Inf"}`: 0}.quantile("none", 0.5))
}

func TestCPUTimeIsReadWhateverTheCommandIsCalled(t *testing.T) {
	used, err := parseCPU("7 (a) b (c) S 1 7 7 0 -1 4194560 900 0 0 0 123 45 0 0 20 0 9 0 100 1 2\n")
	require.NoError(t, err)
	require.Equal(t, 1680*time.Millisecond, used)
	for _, wrong := range []string{"", "7 (a) S 1", "7 (a) S 1 7 7 0 -1 4194560 900 0 0 0 x 45 0"} {
		_, err := parseCPU(wrong)
		require.ErrorIs(t, err, errProc, wrong)
	}
}

func TestResidentMemoryIsReadInBytes(t *testing.T) {
	n, err := parseResident("Name:\tfreshet\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n")
	require.NoError(t, err)
	require.EqualValues(t, 1<<20, n)
	_, err = parseResident("Name:\tzombie\n")
	require.ErrorIs(t, err, errProc)
}

func TestNumbersOfRedisAreRead(t *testing.T) {
	info := parseInfo("$99\r\n# Stats\r\ntotal_reads_processed:12\r\nredis_version:7.0.15\r\nratio:1.5\r\n")
	require.Equal(t, map[string]float64{"total_reads_processed": 12, "ratio": 1.5}, info)
	require.False(t, whole([]byte("$5\r\nab")))
	require.True(t, whole([]byte("$5\r\nab\r\nc\r\n")))
	require.False(t, whole([]byte("$5")))
	require.True(t, whole([]byte("-ERR no\r\n")), "a refusal is one line")
}

func TestWhatIsDoneAnywayIsTakenAway(t *testing.T) {
	began := time.Now()
	early := counts{at: began, reads: 10, commands: 20, selects: 1, asked: 2, objects: 5, bytes: 50}
	late := counts{at: began.Add(2 * time.Second), reads: 30, commands: 60, selects: 5, asked: 10, objects: 9, bytes: 90}
	idle := late.since(early)
	require.InDelta(t, 2, idle.seconds, 0)
	busy := counts{seconds: 4, reads: 140, commands: 280, selects: 8, asked: 17, objects: 18, bytes: 180}.without(idle)
	require.Equal(t, counts{seconds: 4, reads: 100, commands: 200, selects: 0, asked: 1, objects: 10, bytes: 100}, busy)
}

func TestRestHasComeWhenNoLessIsDone(t *testing.T) {
	idle := counts{seconds: 1, commands: 100, asked: 50}
	require.True(t, counts{seconds: 2, commands: 180, asked: 90}.noLess(idle))
	require.False(t, counts{seconds: 2, commands: 178, asked: 90}.noLess(idle), "Redis still calms down")
	require.False(t, counts{seconds: 1, commands: 100, asked: 44}.noLess(idle), "the database still calms down")
}
