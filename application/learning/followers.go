package learning

import (
	"context"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

// FollowersBoard shows how many follow an author.
type FollowersBoard interface {
	SetFollowers(of map[catalog.AuthorID]int64)
}

// Followers keeps the durable numbers of followers current with viewers' ties, and this instance's board current with them.
type Followers struct {
	follows engagement.Following
	board   FollowersBoard
	cursor  string
}

// NewFollowers wires the parts.
func NewFollowers(follows engagement.Following, board FollowersBoard) *Followers {
	return &Followers{follows: follows, board: board}
}

// CatchUp counts the follows that began and ended, whichever instance comes first, and shows what changed. It is not safe
// for concurrent use.
func (f *Followers) CatchUp(ctx context.Context) (int, error) {
	total := 0
	for {
		n, err := f.follows.Advance(ctx, batch)
		total += n
		if err != nil {
			return total, err
		}
		if n < batch {
			return total, f.Show(ctx)
		}
	}
}

// Show brings the board up to what has been counted, here or elsewhere. It is not safe for concurrent use.
func (f *Followers) Show(ctx context.Context) error {
	for {
		changed, cursor, err := f.follows.Changed(ctx, f.cursor, batch)
		if err != nil {
			return err
		}
		f.board.SetFollowers(changed)
		f.cursor = cursor
		if len(changed) < batch {
			return nil
		}
	}
}
