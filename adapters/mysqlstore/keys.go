package mysqlstore

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/access"
)

// Keys is the access.KeyRepository.
type Keys struct{ db *DB }

// NewKeys works on db.
func NewKeys(db *DB) *Keys { return &Keys{db} }

// keyRow is one of access_keys.
type keyRow struct {
	ID, Name string
	Hash     []byte
	Scopes   string // names, with blanks between
	MadeAt,
	ExpiresAt,
	RevokedAt int64
}

const selectKeys = "SELECT id, name, hash, scopes, made_at, expires_at, revoked_at FROM access_keys"

// Add implements access.KeyRepository.
func (k *Keys) Add(ctx context.Context, key access.Key) error {
	return k.db.write(ctx, func(tx *gorm.DB) error {
		err := tx.Exec("INSERT INTO access_keys (id, name, hash, scopes, made_at, expires_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?)"+
			k.db.dialect.onClash(clash{key: []string{"id"}}),
			key.ID, key.Name, key.Hash[:], key.Scopes.String(), key.Made.UnixMilli(), sinceOf(key.Expires), sinceOf(key.Revoked)).Error
		if err != nil {
			return err
		}
		var held []keyRow
		if err := tx.Raw(selectKeys+" WHERE id = ?", key.ID).Scan(&held).Error; err != nil {
			return err
		}
		if len(held) == 1 && string(held[0].Hash) == string(key.Hash[:]) {
			return nil
		}
		return access.ErrKeyTaken
	})
}

// All implements access.KeyRepository.
func (k *Keys) All(ctx context.Context) ([]access.Key, error) {
	var rows []keyRow
	err := k.db.read(ctx, func(tx *gorm.DB) error {
		rows = nil
		return tx.Raw(selectKeys + " ORDER BY made_at, id").Scan(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	keys := make([]access.Key, len(rows))
	for i, r := range rows {
		if keys[i], err = r.key(); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// Revoke implements access.KeyRepository.
func (k *Keys) Revoke(ctx context.Context, id string, at time.Time) error {
	return k.db.write(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec("UPDATE access_keys SET revoked_at = ? WHERE id = ? AND revoked_at = 0", at.UnixMilli(), id).Error; err != nil {
			return err
		}
		var held int64
		if err := tx.Raw("SELECT COUNT(*) FROM access_keys WHERE id = ?", id).Scan(&held).Error; err != nil {
			return err
		}
		if held == 0 {
			return access.ErrNoKey
		}
		return nil
	})
}

// key takes scopes that this version does not know for none.
func (r *keyRow) key() (access.Key, error) {
	k := access.Key{
		ID: r.ID, Name: r.Name, Scopes: access.KnownScopes(strings.Fields(r.Scopes)),
		Made: timeOf(r.MadeAt), Expires: untilOf(r.ExpiresAt), Revoked: untilOf(r.RevokedAt),
	}
	if copy(k.Hash[:], r.Hash) != sha256.Size {
		return access.Key{}, fmt.Errorf("the hash of key %s has %d bytes", r.ID, len(r.Hash))
	}
	return k, nil
}

// sinceOf is a time as a row holds it: 0 for none.
func sinceOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func untilOf(millis int64) time.Time {
	if millis == 0 {
		return time.Time{}
	}
	return timeOf(millis)
}
