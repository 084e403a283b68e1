package memindex

import (
	"strings"
	"sync"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

// mostFollowed is of how many authors followers are kept, beside those that have items in the index.
const mostFollowed = 1 << 20

// followers are the numbers shown with authors.
type followers struct {
	mu sync.RWMutex
	of map[catalog.AuthorID]int64
}

// SetFollowers replaces what is shown of the authors. Past a million authors, those without an item in the index are
// dropped until they are set again.
func (x *Index) SetFollowers(of map[catalog.AuthorID]int64) {
	f := &x.followers
	f.mu.Lock()
	defer f.mu.Unlock()
	v := x.view.Load()
	for author, n := range of {
		_, known := f.of[author]
		switch {
		case n == 0:
			delete(f.of, author)
		case known || len(f.of) < mostFollowed || v.names[recommend.AuthorField].term(hashOf(v.seed, string(author)), string(author)) != 0:
			if f.of == nil {
				f.of = make(map[catalog.AuthorID]int64)
			}
			f.of[catalog.AuthorID(strings.Clone(string(author)))] = n
		}
	}
}

// FollowersOf fills how many follow the authors; zero where nothing is known.
func (x *Index) FollowersOf(authors []catalog.AuthorID, into []int64) {
	f := &x.followers
	f.mu.RLock()
	defer f.mu.RUnlock()
	for i, author := range authors {
		into[i] = f.of[author]
	}
}
