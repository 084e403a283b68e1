package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet/freshet/domain/access"
)

func keys(c Commands, s *Settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Make, list and end the keys of services",
		Long: `Make, list and end keys: what services send to prove who they are, as "Authorization: Bearer KEY" or
X-Api-Key over HTTP, and as the metainfo value FRESHET_TOKEN over Kitex. What is kept is a hash of a key.

It works on the configured database, whether servers run on it or not. Servers know of it within two
seconds.`,
		Example: `  freshet keys add --name backend --scopes items:write,events:write,feeds:read
  freshet keys list
  freshet keys revoke fzxk2w7hq3vnapbc`,
		Args: misusing(noCommand),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(addKey(c, s), listKeys(c, s), revokeKey(c, s))
	return cmd
}

func addKey(c Commands, s *Settings) *cobra.Command {
	var name string
	var scopes []string
	var life time.Duration
	cmd := &cobra.Command{
		Use:   "add --name NAME --scopes SCOPES",
		Short: "Make a key and print it, once",
		Long: `Make a key for a service and print it. It cannot be printed again.

Scopes:
  items:write   change and read the catalogue
  events:write  report what any viewer did, and decide for them
  feeds:read    read any viewer's pages, sessions and decisions, and the catalogue
  admin         all of it, export and erasure of viewers, and the admin plane

To change a service's key make a second one, give it to the service, and revoke the first.`,
		Example: `  freshet keys add --name backend --scopes items:write,events:write --expires-in 2160h`,
		Args:    misusing(none),
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := access.ParseScopes(scopes)
			if err != nil {
				return Misuse(err)
			}
			now := time.Now().UTC().Truncate(time.Millisecond)
			expires := time.Time{}
			if cmd.Flags().Changed("expires-in") {
				expires = now.Add(life)
			}
			var entropy [42]byte
			_, _ = rand.Read(entropy[:]) // it never fails
			key, text, err := access.NewKey(name, set, expires, now, entropy)
			if err != nil {
				return Misuse(err)
			}
			return c.Keys(cmd.Context(), *s, func(ctx context.Context, on access.KeyRepository) error {
				if err := on.Add(ctx, key); err != nil {
					return err
				}
				_, err := fmt.Fprintln(cmd.OutOrStdout(), text)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "the `NAME` of the service, 1 to 64 characters")
	cmd.Flags().StringSliceVar(&scopes, "scopes", nil, "what it may do: `SCOPES` with commas between")
	cmd.Flags().DurationVar(&life, "expires-in", 0, "after which `TIME` the key ends, such as 2160h (default: never)")
	return cmd
}

func listKeys(c Commands, s *Settings) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the keys, the oldest first",
		Long:    `List the keys of all services, the oldest first, those that have ended included.`,
		Example: `  freshet keys list`,
		Args:    misusing(none),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.Keys(cmd.Context(), *s, func(ctx context.Context, on access.KeyRepository) error {
				all, err := on.All(ctx)
				if err != nil {
					return err
				}
				if len(all) == 0 {
					_, err := fmt.Fprintln(cmd.OutOrStdout(), "no keys")
					return err
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				_, _ = fmt.Fprintln(w, "id\tname\tscopes\tmade\texpires\trevoked")
				for _, k := range all {
					_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Name, k.Scopes, when(k.Made), when(k.Expires), when(k.Revoked))
				}
				return w.Flush()
			})
		},
	}
}

func revokeKey(c Commands, s *Settings) *cobra.Command {
	return &cobra.Command{
		Use:     "revoke ID",
		Short:   "End a key",
		Long:    `End a key for good. Servers refuse it within two seconds.`,
		Example: `  freshet keys revoke fzxk2w7hq3vnapbc`,
		Args: misusing(func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("keys revoke takes one ID; freshet keys list tells them")
			}
			return nil
		}),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.Keys(cmd.Context(), *s, func(ctx context.Context, on access.KeyRepository) error {
				if err := on.Revoke(ctx, args[0], time.Now()); err != nil {
					return fmt.Errorf("%s: %w", args[0], err)
				}
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "revoked")
				return err
			})
		},
	}
}

// when writes a time, or - for none.
func when(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}
