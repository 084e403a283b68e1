//go:build !linux

package servers

import "syscall"

func attributes(who *syscall.Credential, _ Options) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: who}
}
