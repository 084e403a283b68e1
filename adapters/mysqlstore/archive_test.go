package mysqlstore_test

import (
	"testing"

	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/domain/feed"
	"github.com/freshet/freshet/domain/feed/feedtest"
)

func TestArchive(t *testing.T) {
	onEach(t, func(t *testing.T, open opener) {
		feedtest.Archive(t, func(t *testing.T) feed.PageArchive {
			a, _ := open(t)
			return mysqlstore.NewArchive(a)
		})
	})
}
