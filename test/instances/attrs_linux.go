package instances

import "syscall"

const stopSignal = syscall.SIGTERM

// attributes tie the life of the process to ours, however that ends.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
