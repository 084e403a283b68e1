//go:build !linux

package instances

import "syscall"

const stopSignal = syscall.SIGTERM

func attributes() *syscall.SysProcAttr { return nil }
