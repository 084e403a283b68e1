package load

import (
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// aStat is what Linux says of a process whose name means harm.
const aStat = "4711 (a) R 1 (b)) S 1 4711 4711 0 -1 4194304 2511 0 0 0 123 45 0 0 20 0 9 0 1234567 1268043776 16384 18446744073709551615 1 1 0 0 0\n"

func TestTheStatOfAProcessIsRead(t *testing.T) {
	u, err := parseStat(aStat)
	require.NoError(t, err)
	require.Equal(t, usage{1230 * time.Millisecond, 450 * time.Millisecond, 16384 * int64(os.Getpagesize())}, u)
	for _, text := range []string{"", "1 (x", "1 (x) S 1 2 3", "1 (x) S 1 4711 4711 0 -1 4194304 2511 0 0 0 x 45 0 0 20 0 9 0 1 1 1 1"} {
		_, err := parseStat(text)
		require.ErrorIs(t, err, errStat, "%q", text)
	}
}

func FuzzStat(f *testing.F) {
	f.Add(aStat)
	f.Add("1 (x) S")
	f.Fuzz(func(t *testing.T, text string) {
		u, err := parseStat(text)
		if err == nil {
			require.GreaterOrEqual(t, u.user, time.Duration(0))
			require.GreaterOrEqual(t, u.system, time.Duration(0))
			require.GreaterOrEqual(t, u.resident, int64(0))
		} else {
			require.ErrorIs(t, err, errStat)
		}
	})
}

func TestProcessesAreNamed(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED, NOT RUN: there is no /proc here")
	}
	own := strconv.Itoa(os.Getpid())
	p, err := ParseProcess("redis=" + own)
	require.NoError(t, err)
	require.Equal(t, Process{"redis", os.Getpid()}, p)

	p, err = ParseProcess(own)
	require.NoError(t, err)
	require.Contains(t, os.Args[0], p.Name[:min(4, len(p.Name))])

	gone := exec.Command("true")
	require.NoError(t, gone.Run())
	for _, text := range []string{"", "x", "=1", "a=", "a=x", "0", "-1", "1.5", strconv.Itoa(gone.Process.Pid)} {
		_, err := ParseProcess(text)
		require.ErrorContains(t, err, "--pid: ", "%q", text)
	}
}

func TestTheListenerIsFound(t *testing.T) {
	const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 111 1 0 20 4 0 10 -1
   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1 0 100 0 0 10 0
   2: broken
`
	require.Equal(t, "222", listenerIn(table, 8080))
	require.Empty(t, listenerIn(table, 8081))

	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED, NOT RUN: there is no /proc here")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	_, port, err := net.SplitHostPort(ln.Addr().String())
	require.NoError(t, err)
	for _, o := range []Options{
		{To: []string{"http://" + ln.Addr().String()}}, {RPC: []string{ln.Addr().String()}}, {To: []string{"http://localhost:" + port, "http://127.0.0.1:" + port}},
	} {
		found := Listening(&o)
		require.Len(t, found, 1)
		require.Equal(t, os.Getpid(), found[0].PID)
	}
	require.Empty(t, Listening(&Options{To: []string{"http://192.0.2.1:" + port, "http://example.com"}}))
}
