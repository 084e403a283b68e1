package load

import (
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Listening finds the processes of this machine that the load would go to, as far as they may be looked at.
func Listening(o *Options) []Process {
	addrs := slices.Clone(o.RPC)
	for _, to := range o.To {
		if u, err := url.Parse(to); err == nil {
			addrs = append(addrs, u.Host)
		}
	}
	var found []Process
	for _, addr := range addrs {
		at, err := netip.ParseAddrPort(addr)
		if host, port, split := net.SplitHostPort(addr); split == nil && host == "localhost" {
			at, err = netip.ParseAddrPort("127.0.0.1:" + port)
		}
		if err != nil || !at.Addr().IsLoopback() {
			continue
		}
		pid := holder(socketOn(at.Port()))
		if pid > 0 && !slices.ContainsFunc(found, func(p Process) bool { return p.PID == pid }) {
			found = append(found, Process{commandOf(pid), pid})
		}
	}
	return found
}

// socketOn is the inode of the socket that listens on the port; empty: there is none.
func socketOn(port uint16) string {
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, _ := os.ReadFile(table) // where there is none, nothing is found
		if inode := listenerIn(string(text), port); inode != "" {
			return inode
		}
	}
	return ""
}

// listenerIn reads a table of the kernel: sl local_address rem_address st … inode, the address as hex.
func listenerIn(table string, port uint16) string {
	const listens = "0A"
	for row := range strings.Lines(table) {
		fields := strings.Fields(row)
		if len(fields) < 10 || fields[3] != listens {
			continue
		}
		_, hex, _ := strings.Cut(fields[1], ":")
		if n, err := strconv.ParseUint(hex, 16, 16); err == nil && uint16(n) == port {
			return fields[9]
		}
	}
	return ""
}

// holder is the process that holds the socket; 0: none that may be looked at.
func holder(inode string) int {
	if inode == "" || inode == "0" {
		return 0
	}
	held, _ := filepath.Glob("/proc/[0-9]*/fd/*") // the pattern is right
	for _, fd := range held {
		if to, err := os.Readlink(fd); err == nil && to == "socket:["+inode+"]" {
			pid, _ := strconv.Atoi(strings.Split(fd, "/")[2]) // digits
			return pid
		}
	}
	return 0
}
