package fault

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/test/servers"
)

// TestNothingAcknowledgedIsLostWhileTheDatabaseHasNoDisk is the same of a database whose disk is full, again and again, and has room again.
func TestNothingAcknowledgedIsLostWhileTheDatabaseHasNoDisk(t *testing.T) {
	seed, n := number(t, envSeed, uint64(time.Now().UnixNano())), int(number(t, envKills, kills))
	t.Logf("%s=%d %s=%d draws the same load", envSeed, seed, envKills, n)
	t.Run("the log for replicas lies elsewhere", func(t *testing.T) {
		endureNoDisk(t, rand.New(rand.NewPCG(seed, 14)), max(3, n/10), "--log-bin="+filepath.Join(smallDisk(t, 256+grown*max(3, n/10)), "binlog"))
	})
	t.Run("the log for replicas lies there too", func(t *testing.T) {
		if n <= kills {
			t.Skip("MariaDB waits for room in that log, and looks for it once a minute: this is for make soak")
		}
		endureNoDisk(t, rand.New(rand.NewPCG(seed, 15)), 2)
	})
}

func endureNoDisk(t *testing.T, rnd *rand.Rand, rounds int, flags ...string) {
	disk := smallDisk(t, 192+grown*rounds)
	f := &fleet{t: t, redis: servers.StartRedis(t), base: servers.StartMySQLUnder(t, disk, flags...)}
	f.settle(nil, "FRESHET_REDIS_ADDRS="+f.redis.Addr())
	f.endure(rnd, func(rnd *rand.Rand) {
		for range rounds {
			f.fill(rnd, disk)
		}
	})
	f.ranOn()
	require.Positive(t, f.seen.later.Load(), "writes were refused")
}

// grown is by how many MiB at most the database grows in one round: the disk must not be full of that in the end.
const grown = 12

// smallDisk mounts one of so many MiB, which all may enter.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "freshet-disk-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.Remove(dir) })
	if err := syscall.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=0777", size)); err != nil {
		t.Skipf("NOTHING IS SHOWN OF A FULL DISK: a tmpfs cannot be mounted here (%v); run as root, or with CAP_SYS_ADMIN", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill leaves no room on the disk until a write was refused, and for a while. What the database frees meanwhile is taken too.
func (f *fleet) fill(rnd *rand.Rand, disk string) {
	time.Sleep(time.Duration(300+rnd.IntN(700)) * ms)
	over := f.away(&f.baseDown)
	defer over()
	path := filepath.Join(disk, "ballast")
	ballast, err := os.Create(path)
	require.NoError(f.t, err)
	defer func() { require.NoError(f.t, errors.Join(ballast.Close(), os.Remove(path))) }()
	size, before := int64(0), f.seen.later.Load()
	last := time.Duration(500+rnd.IntN(1000)) * ms
	for end := time.Now().Add(6 * time.Second); time.Now().Before(end); time.Sleep(10 * ms) {
		if refused := f.seen.later.Load() > before; refused && time.Until(end) > last {
			end = time.Now().Add(last)
		}
		n, err := io.Copy(ballast, zeros{})
		require.ErrorIs(f.t, err, syscall.ENOSPC)
		size += n
	}
	f.t.Logf("%s the disk was full, by %d MiB; %d writes were refused", clock(time.Now()), size>>20, f.seen.later.Load()-before)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
