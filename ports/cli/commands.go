package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func serve(c Commands, s *Settings) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Serve feeds over HTTP and RPC",
		Long: `Serve feeds until SIGINT or SIGTERM, then finish what was begun and end.

Without configuration everything is kept in the data folder by this one process. With redis.addrs
and mysql.dsn any number of instances serve side by side.

The public plane listens on http.addr, the operators' plane (/healthz, /readyz, /metrics) on
admin.addr, Kitex RPC on rpc.addr. "freshet config --print-defaults" explains every key.`,
		Example: `  freshet serve
  freshet serve --config /etc/freshet.yaml --set log.level=debug
  FRESHET_HTTP_ADDR=0.0.0.0:8080 FRESHET_REDIS_ADDRS=r1:6379,r2:6379 \
    FRESHET_MYSQL_DSN='freshet:secret@tcp(db:3306)/freshet' freshet serve`,
		Args: misusing(none),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.Serve(cmd.Context(), *s) },
	}
}

func migrate(c Commands, s *Settings) *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database to this version",
		Long: `Bring the database to the version that this program knows. It never goes back, instances may do
it at once, and done twice it changes nothing. "freshet serve" does it by itself when it starts.`,
		Example: `  FRESHET_MYSQL_DSN='admin:secret@tcp(db:3306)/freshet' freshet migrate`,
		Args:    misusing(none),
		RunE: func(cmd *cobra.Command, _ []string) error {
			where, err := c.Migrate(cmd.Context(), *s)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is up to date\n", where)
			return err
		},
	}
}

func configure(c Commands, s *Settings) *cobra.Command {
	var defaults, effective bool
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show the configuration",
		Long: `Show the defaults with every key explained, or the configuration in force: the defaults, then the
file, then the environment, then --set. A configuration that would be refused is refused here too.`,
		Example: `  freshet config --print-defaults > freshet.yaml
  FRESHET_CONFIG=freshet.yaml freshet config --print`,
		Args: misusing(none),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if defaults == effective {
				return Misuse(errors.New("config takes either --print-defaults or --print; see freshet config --help"))
			}
			text := c.Defaults
			if effective {
				var err error
				if text, err = c.Effective(*s); err != nil {
					return err
				}
			}
			_, err := cmd.OutOrStdout().Write(text)
			return err
		},
	}
	cmd.Flags().BoolVar(&defaults, "print-defaults", false, "print every key with its default and what it means")
	cmd.Flags().BoolVar(&effective, "print", false, "print the configuration in force, without secrets")
	return cmd
}

func version(c Commands) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show the version",
		Args:  misusing(none),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "freshet", c.Version)
			return err
		},
	}
}
