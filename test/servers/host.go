package servers

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// ErrNoBinary says that no such server is installed here.
type ErrNoBinary struct{ Names []string }

func (e ErrNoBinary) Error() string { return fmt.Sprintf("none of %v is on PATH", e.Names) }

// HasRedis says whether LaunchRedis has a binary to start.
func HasRedis() bool { _, err := lookup("redis-server"); return err == nil }

// HasMySQL says whether LaunchMySQL has a binary to start.
func HasMySQL() bool { _, err := lookup("mariadbd", "mysqld"); return err == nil }

// lookup finds the first of names. It also looks where distributions put daemons, which is not on everybody's PATH.
func lookup(names ...string) (string, error) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
		for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/usr/libexec"} {
			if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
				return path, nil
			}
		}
	}
	return "", ErrNoBinary{names}
}

// busOffset is how far a Redis node's cluster bus is from its port.
const busOffset = 10000

// freePort finds a port that is free now, and whose cluster bus is. It stays below every system's ephemeral range, so
// that no outgoing connection takes it while its server is down.
func freePort() (int, error) {
	for range 1000 {
		port := 10001 + rand.IntN(busOffset)
		if canListen(port) && canListen(port+busOffset) {
			return port, nil
		}
	}
	return 0, fmt.Errorf("no free port between 10001 and %d", 10000+busOffset)
}

// FreeAddr is an address of loopback on which nothing listens, and which no outgoing connection takes.
func FreeAddr() (string, error) {
	port, err := freePort()
	return loopback(port), err
}

func canListen(port int) bool {
	l, err := net.Listen("tcp", loopback(port))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// tempDir is not testing's TempDir: that one is closed to the user MariaDB runs as, and too deep for a socket's name.
func tempDir(under, kind string) (string, error) { return os.MkdirTemp(under, "freshet-"+kind+"-") }
