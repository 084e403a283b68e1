package mysqlstore

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"sync"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/fault"
)

// errSeal is about a notice that was sealed with another key, or damaged.
var errSeal = fault.New(fault.Internal, "notice_unreadable", "a notice of an erasure cannot be decrypted")

// sealedRoom is how many bytes every id is filled up to, so that its length does not tell it.
const sealedRoom = 1 + 128

// seal encrypts ids of viewers, by AES-GCM with a key that all instances share.
type seal struct {
	secrets *Secrets
	mu      sync.Mutex
	aead    cipher.AEAD
}

func (s *seal) cipher(ctx context.Context) (cipher.AEAD, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.aead != nil {
		return s.aead, nil
	}
	key, err := s.secrets.GetOrCreate(ctx, "erasure_key", func() ([]byte, error) {
		key := make([]byte, 32)
		_, err := rand.Read(key)
		return key, err
	})
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, errSeal.Because(err)
	}
	s.aead, err = cipher.NewGCMWithRandomNonce(block)
	return s.aead, err
}

func (s *seal) close(ctx context.Context, viewer audience.ViewerID) ([]byte, error) {
	c, err := s.cipher(ctx)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, max(sealedRoom, 1+len(viewer)))
	plain[0] = byte(len(viewer))
	copy(plain[1:], viewer)
	return c.Seal(nil, nil, plain, nil), nil
}

func (s *seal) open(ctx context.Context, sealed []byte) (audience.ViewerID, error) {
	c, err := s.cipher(ctx)
	if err != nil {
		return "", err
	}
	plain, err := c.Open(nil, nil, sealed, nil)
	if err != nil || len(plain) == 0 || int(plain[0]) >= len(plain) {
		return "", errSeal.Because(err)
	}
	return audience.ViewerID(plain[1 : 1+plain[0]]), nil
}
