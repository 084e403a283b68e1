package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/freshet/freshet/ports/cli/demo"
)

func play(c Commands, s *Settings) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Serve a sample catalogue to simulated viewers",
		Long: `Serve, as "freshet serve" does, with a sample catalogue of 6,000 items and viewers with tastes that
Freshet is not told. It says where it listens and what to try. Started again, it goes on with what is
there.`,
		Example: `  freshet demo
  freshet demo --set data_dir=/tmp/freshet-demo --set http.addr=127.0.0.1:8090`,
		Args: misusing(none),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.Demo(cmd.Context(), *s, func(ctx context.Context, service demo.Service) error {
				return demo.Run(ctx, service, cmd.OutOrStdout())
			})
		},
	}
}
