package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

// Cleared is what is gone of shadow traffic.
type Cleared struct {
	Tables string // whose
	Shared bool   // Redis is a server
	Keys   int64  // removed from it
}

func shadow(c Commands, s *Settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "shadow",
		Short: "Deal with what is kept of load tests",
		Long: `Requests with the header Freshet-Shadow: 1, and Kitex calls with the metainfo value FRESHET_SHADOW, are
answered at the real cost, and what they write is kept apart: in tables that begin with shadow_, and
under keys that begin with the prefix and shadow:. It goes by itself after shadow.retention.`,
		Example: `  freshet shadow clear`,
		Args:    misusing(noCommand),
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "clear",
		Short: "Drop all of it",
		Long: `Empty the tables and remove the keys of shadow traffic, and nothing else. End the load test first: sessions
and cursors of shadow traffic end, and what it writes meanwhile stays. It may be repeated.

Of a Redis inside the process that serves, the keys stay until that ends, or until they end by
themselves.

Exit codes: 0 done, 1 failed, 2 wrong command line or configuration.`,
		Example: `  FRESHET_MYSQL_DSN='freshet:secret@tcp(db:3306)/freshet' FRESHET_REDIS_ADDRS=r1:6379 freshet shadow clear`,
		Args:    misusing(none),
		RunE: func(cmd *cobra.Command, _ []string) error {
			done, err := c.ClearShadow(cmd.Context(), *s)
			if err != nil {
				return err
			}
			keys := "its keys in the process that serves are left to it"
			if done.Shared {
				keys = fmt.Sprintf("%d keys are gone from Redis", done.Keys)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "no shadow traffic is left in %s; %s\n", done.Tables, keys)
			return err
		},
	})
	return cmd
}
