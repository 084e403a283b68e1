package mysqlstore_test

import (
	"testing"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/domain/access/accesstest"
)

func TestKeys(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		accesstest.Keys(t, func(t *testing.T) (access.KeyRepository, access.KeyRepository) {
			a, b := open(t)
			return mysqlstore.NewKeys(a), mysqlstore.NewKeys(b)
		})
	})
}
