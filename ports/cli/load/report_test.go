package load

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write testdata anew")

func golden(t *testing.T, name string, got []byte) {
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run with -update to write it")
	require.Equal(t, string(want), string(got))
}

// aReport is what a run could have come to.
func aReport() *Report {
	o := Defaults(Open)
	o.To, o.RPC, o.Rate = []string{"http://127.0.0.1:8080"}, []string{"127.0.0.1:9090"}, 100
	o.WarmUp, o.Duration = 0, 3*time.Second
	o.Processes = []Process{{"freshet", 4711}}
	began := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	r := &running{o: o, doors: &doors{}, tally: newTally(), began: began, from: began, ends: began.Add(o.Duration)}
	s := newSampler(r, nil)
	s.processes[1].PID = 4712
	s.began, s.at = began, began.Add(o.Duration)
	s.first = []usage{{time.Second, time.Second, 1 << 20}, {0, 0, 2 << 20}}
	s.last = []usage{{3 * time.Second, 1500 * time.Millisecond, 300 << 20}, {100 * time.Millisecond, 50 * time.Millisecond, 50 << 20}}
	s.peak = []int64{310 << 20, 50 << 20}
	for second := range 3 {
		for i := range 98 {
			at := began.Add(time.Duration(second)*time.Second + time.Duration(i)*10*time.Millisecond)
			sent := at.Add(time.Duration(i) * time.Microsecond)
			k := kind{way(i % 2), i%4 > 1}
			r.tally.answered(k, at, sent, sent.Add(time.Duration(1+second*i)*time.Millisecond))
			if !k.reports {
				r.tally.served(&page{Rung: "full", Items: make([]shown, 20)}, i%8 == 0)
			}
		}
		r.tally.failed(overflow)
		r.tally.failed("http 503 not_ready")
		one := r.tally.turn()
		one.At, one.Long, one.CPU, one.RSS = float64(second+1), 1, []float64{0.5 + float64(second)/4, 0.05}, []int64{300 << 20, 50 << 20}
		s.seconds = append(s.seconds, one)
	}
	r.tally.failed(overflow)
	r.tally.taken(&taken{Accepted: 500, Duplicate: 1, Rejected: 2, Results: []result{{"bad_item"}, {""}, {"bad_item"}}})
	r.tally.broke("", 1, &session{id: "s1", viewer: "load-7"})
	s.finished = r.tally.finished()
	out := r.report(s, nil, true)
	out.Idle = &Idle{Wanted: 100, Opened: 99, Lost: 1, Bytes: 12_345, Why: "connection <refused>"}
	return out
}

func TestTheReportIsReadable(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, aReport().WriteText(&b))
	golden(t, "report.txt", b.Bytes())
}

func TestTheReportIsJSON(t *testing.T) {
	r := aReport()
	for i := range r.Kinds {
		require.NotEmpty(t, r.Kinds[i].Latency.Curve)
		r.Kinds[i].Latency.Curve, r.Kinds[i].Service.Curve = nil, nil
	}
	r.Latency.Curve = nil
	b, err := json.MarshalIndent(r, "", "  ")
	require.NoError(t, err)
	golden(t, "report.json", append(b, '\n'))
}

func TestThePageNeedsNothingElse(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, aReport().WritePage(&b))
	golden(t, "report.html", b.Bytes())
	require.NotRegexp(t, `(?i)<script|<link|src=|href=|@import|url\(`, b.String())
	drawings := regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(b.String(), -1)
	require.Len(t, drawings, 5)
	for _, d := range drawings {
		require.NotContains(t, d, "NaN")
		require.NotContains(t, d, "Inf")
		var err error
		for x := xml.NewDecoder(strings.NewReader(d)); err == nil; {
			_, err = x.Token()
		}
		require.ErrorIs(t, err, io.EOF, "it is well-formed")
	}
}

func TestAPageIsWrittenOfNothingToo(t *testing.T) {
	r := &running{o: Defaults(Closed), doors: &doors{}, tally: newTally()}
	out := r.report(newSampler(r, nil), nil, true)
	var b bytes.Buffer
	require.NoError(t, out.WritePage(&b))
	require.NotContains(t, b.String(), "NaN")
	require.NoError(t, out.WriteText(&b))
	_, err := json.Marshal(out)
	require.NoError(t, err)
	require.Error(t, out.Failure())
}

func TestChartsHoldTheirLines(t *testing.T) {
	x := axis{low: 0, high: 10, form: same, from: chartLeft, to: chartRight}
	for name, c := range map[string]struct {
		y           []float64
		logarithmic bool
		marks       []mark
	}{
		"round steps":        {[]float64{0, 43}, false, []mark{{208, "0"}, {168, "10"}, {128, "20"}, {88, "30"}, {48, "40"}, {8, "50"}}},
		"small steps":        {[]float64{0, 0.3}, false, []mark{{208, "0"}, {141.3, "0.1"}, {74.7, "0.2"}, {8, "0.3"}}},
		"nothing":            {[]float64{0, 0}, false, nil},
		"powers of ten":      {[]float64{2, 700}, true, []mark{{208, "1"}, {141.3, "10"}, {74.7, "100"}, {8, "1000"}}},
		"nothing, and a log": {[]float64{0, 0}, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			drawn := newChart("t", "n", []curve{{name: "c", x: []float64{0, 10}, y: c.y}}, x, c.logarithmic, nil)
			if c.marks != nil {
				require.Equal(t, c.marks, drawn.Beside)
			}
			require.Regexp(t, `^M56 [0-9.]+L560 [0-9.]+$`, drawn.Lines[0].Path)
			var one, two float64
			_, err := fmt.Sscanf(drawn.Lines[0].Path, "M56 %gL560 %g", &one, &two)
			require.NoError(t, err)
			for _, v := range []float64{one, two} {
				require.GreaterOrEqual(t, v, chartTop)
				require.LessOrEqual(t, v, chartBottom)
			}
		})
	}
}
