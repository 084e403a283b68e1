package mysqlstore

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// Pact is what all instances agree on about copies in the fast store: ADR 32.
type Pact struct {
	Epoch uint64
	Open  bool   // copies of the epoch may be read, and must be written
	Store string // the processes that hold them, as redisstore.Client names them; "" while it is closed
}

// Pacts keeps the one pact in force.
type Pacts struct {
	db   *DB
	kept *Secrets
}

// NewPacts works on db.
func NewPacts(db *DB) *Pacts { return &Pacts{db, NewSecrets(db)} }

const pactName = "cache_pact"

// Current answers the pact in force: a closed one where there was none.
func (p *Pacts) Current(ctx context.Context) (Pact, error) {
	value, err := p.kept.GetOrCreate(ctx, pactName, func() ([]byte, error) { return Pact{Epoch: 1}.text(), nil })
	if err != nil {
		return Pact{}, err
	}
	return readPact(value)
}

// Replace puts next in the place of was, unless another pact is in force, and answers the one that is in force then. After an error
// it may or may not have been replaced.
func (p *Pacts) Replace(ctx context.Context, was, next Pact) (Pact, error) {
	err := p.db.write(ctx, func(tx *gorm.DB) error {
		return tx.Exec("UPDATE settings SET value = ? WHERE name = ? AND value = ?", next.text(), pactName, was.text()).Error
	})
	if err != nil {
		return Pact{}, err
	}
	return p.Current(ctx)
}

func (p Pact) text() []byte { return fmt.Appendf(nil, "%d %t %q", p.Epoch, p.Open, p.Store) }

func readPact(text []byte) (p Pact, err error) {
	if _, err := fmt.Sscanf(string(text), "%d %t %q", &p.Epoch, &p.Open, &p.Store); err != nil {
		return Pact{}, fmt.Errorf("the setting %s: %w", pactName, err)
	}
	return p, nil
}
