package mysqlstore

import (
	"context"

	"gorm.io/gorm"
)

// Secrets keeps what all instances must agree on, such as the key that signs cursors.
type Secrets struct{ db *DB }

// NewSecrets works on db.
func NewSecrets(db *DB) *Secrets { return &Secrets{db} }

// GetOrCreate answers the value kept under name, or keeps what make returns. Of instances that make
// one at once, one wins and all answer its value.
func (s *Secrets) GetOrCreate(ctx context.Context, name string, make func() ([]byte, error)) ([]byte, error) {
	value, err := s.Get(ctx, name)
	if err != nil || value != nil {
		return value, err
	}
	made, err := make()
	if err != nil {
		return nil, err
	}
	err = s.db.write(ctx, func(tx *gorm.DB) error {
		return tx.Exec("INSERT INTO settings (name, value) VALUES (?, ?)"+s.db.dialect.onClash(clash{key: []string{"name"}}), name, made).Error
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, name)
}

// Get answers nil where nothing is kept.
func (s *Secrets) Get(ctx context.Context, name string) ([]byte, error) {
	var values [][]byte
	err := s.db.read(ctx, func(tx *gorm.DB) error {
		return tx.Raw("SELECT value FROM settings WHERE name = ?", name).Scan(&values).Error
	})
	if err != nil || len(values) == 0 {
		return nil, err
	}
	return values[0], nil
}
