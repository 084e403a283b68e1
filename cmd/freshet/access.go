package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/adapters/tokens"
	"github.com/freshet/freshet/application/admitting"
	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/infrastructure/config"
	"github.com/freshet/freshet/ports/cli"
	"github.com/freshet/freshet/ports/job"
)

// door is who may come in, and what is read again for it.
type door struct {
	admit *admitting.Admit
	ring  *admitting.Keyring
	// asks and asksOperators say whether callers of the public planes, and of the admin plane, prove who they are.
	asks, asksOperators bool
}

func provideDoor(cfg *config.Config, keys access.KeyRepository, clock func() time.Time, log *slog.Logger) (*door, func(), error) {
	d := &door{ring: admitting.NewKeyring(keys, clock), asks: cfg.Asks(), asksOperators: cfg.AsksOperators()}
	o := admitting.Options{Prefix: cfg.Access.StrangerPrefix}
	signed, closeSets, err := provideSigned(cfg.Access.Tokens, clock, log)
	if err != nil {
		return nil, nil, err
	}
	if signed != nil {
		o.Signed = signed
	}
	closeAll := closeSets
	if i := cfg.Access.Introspection; i.URL != "" {
		asked := tokens.NewIntrospection(tokens.IntrospectionOptions{
			URL: i.URL, ClientID: i.ClientID, ClientSecret: i.ClientSecret, ViewerClaim: cfg.Access.Tokens.ViewerClaim, Patience: i.Patience, AtOnce: i.AtOnce, Clock: clock,
		})
		o.Opaque = tokens.NewRemembered(asked, i.Remembered, i.Life, i.WrongLife, clock)
		closeAll = func() { asked.Close(); closeSets() }
	}
	d.admit = admitting.NewAdmit(o, d.ring)
	return d, closeAll, nil
}

// provideSigned is nil where no key is configured.
func provideSigned(t config.Tokens, clock func() time.Time, log *slog.Logger) (*tokens.Signed, func(), error) {
	nothing := func() {}
	if t.Secret == "" && len(t.PublicKeys) == 0 && len(t.KeySets) == 0 {
		return nil, nothing, nil
	}
	o := tokens.Options{Secret: []byte(t.Secret), Issuer: t.Issuer, Audience: t.Audience, ViewerClaim: t.ViewerClaim, Leeway: t.Leeway, Clock: clock}
	for _, path := range t.PublicKeys {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, fmt.Errorf("access.tokens.public_keys: %w", err)
		}
		o.Public = append(o.Public, text)
	}
	closeSets := nothing
	if len(t.KeySets) > 0 {
		sets, err := tokens.NewKeySets(t.KeySets, t.KeySetsEvery, func(url string, err error) {
			log.Warn("a key set cannot be read, keys read before stay", "url", url, "error", err.Error())
		})
		if err != nil {
			return nil, nil, fmt.Errorf("access.tokens.key_sets: %w", err)
		}
		o.Sets, closeSets = sets, sets.Close
	}
	signed, err := tokens.NewSigned(o)
	if err != nil {
		closeSets()
		return nil, nil, fmt.Errorf("access.tokens: %w", err)
	}
	return signed, closeSets, nil
}

// public is what the public planes ask; nil: they ask nobody.
func (d *door) public() *admitting.Admit {
	if !d.asks {
		return nil
	}
	return d.admit
}

func (d *door) loops() []job.Loop {
	if !d.asks && !d.asksOperators {
		return nil
	}
	return []job.Loop{{Name: "keys", Every: time.Second, Run: d.ring.Refresh}}
}

// open reads the keys, and tells the log who is asked. Keys that cannot be read now are read by the loop.
func (d *door) open(ctx context.Context, cfg *config.Config, log *slog.Logger) {
	if d.asks || d.asksOperators {
		_, _ = d.ring.Refresh(ctx)
	}
	log = log.With("access", cfg.Access.Mode)
	switch {
	case !d.asks && config.Loopback(cfg.HTTP.Addr) && config.Loopback(cfg.RPC.Addr):
		log.Info("whoever reaches this machine may call: nobody is asked to prove who they are")
	case !d.asks:
		log.Warn("whoever reaches this service may call: nobody is asked to prove who they are")
	case !cfg.Proofs():
		log.Info("callers prove who they are by keys (freshet keys add); no tokens of viewers are taken")
	default:
		log.Info("callers prove who they are by keys and tokens")
	}
}

func openKeys(ctx context.Context, s cli.Settings, use func(context.Context, access.KeyRepository) error) error {
	return besideServers(ctx, s, func(db *mysqlstore.DB) error { return use(ctx, mysqlstore.NewKeys(db)) })
}
