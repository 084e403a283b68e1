// Command freshet is the service and its tools. wire.go shows what a process is put together from,
// commands.go what the command line does with it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/freshet/freshet/ports/cli"
)

// version is set when a release is built.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := cli.Run(ctx, cli.Root(commands()))
	stop()
	os.Exit(code)
}
