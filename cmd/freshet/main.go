// Command freshet is the service and its tools; wire.go shows what it is put together from.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/freshet/freshet/infrastructure/config"
)

var version = "dev"

func main() {
	cfg, err := config.Load(config.Options{Environment: os.Environ()})
	if err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	r, err := run(ctx, cfg, slog.Default())
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	<-ctx.Done()
	r.stop()
}
