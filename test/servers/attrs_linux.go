package servers

import "syscall"

// attributes keep a terminal's ^C from the server, run it as who (nil: as we are), and tie its life to ours.
//
// The tie is to the thread that starts it. Go ends a thread only when a goroutine that locked it returns.
func attributes(who *syscall.Credential, opts Options) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true, Credential: who}
	if !opts.Outlive {
		a.Pdeathsig = syscall.SIGKILL
	}
	return a
}
