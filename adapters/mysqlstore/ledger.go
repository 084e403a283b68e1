package mysqlstore

import (
	"context"
	"database/sql"

	"gorm.io/gorm"

	"github.com/freshet/freshet/application/recounting"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

// Ledger is the recounting.Ledger. What was pruned of the log counts as Prune put it down.
type Ledger struct{ db *DB }

// NewLedger works on db.
func NewLedger(db *DB) *Ledger { return &Ledger{db} }

// The size of a step: events of the viewers whose rows are compared, rows or counts that are mended in one commit.
const (
	ledgerEvents = 2000
	ledgerMends  = 500
)

// Take implements recounting.Ledger.
func (l *Ledger) Take(ctx context.Context) (turn int64, err error) {
	err = l.db.write(ctx, func(tx *gorm.DB) error {
		before, err := l.db.moveHead(tx, "rebuild", 1)
		turn = before + 1
		return err
	})
	return turn, err
}

// mend runs do in a transaction that holds the head, while the turn lasts.
func (l *Ledger) mend(ctx context.Context, turn int64, name string, do func(tx *gorm.DB, head int64) error) error {
	return l.db.write(ctx, func(tx *gorm.DB) error {
		head, err := l.db.lockHead(tx, name)
		if err != nil {
			return err
		}
		now, err := l.db.lockHead(tx, "rebuild")
		if err != nil {
			return err
		}
		if now != turn {
			return recounting.ErrTakenOver
		}
		return do(tx, head)
	})
}

// MendRows implements recounting.Ledger.
func (l *Ledger) MendRows(ctx context.Context, turn int64, after audience.ViewerID) (mended int, last audience.ViewerID, more bool, err error) {
	err = l.mend(ctx, turn, "tally", func(tx *gorm.DB, head int64) error {
		ctx, on := tx.Statement.Context, tx.Statement.ConnPool
		span, rest, err := nextViewers(ctx, on, after)
		if err != nil {
			return err
		}
		var wrong []differingRow
		err = l.differingRows(ctx, on, span, head, ledgerMends, func(d differingRow) error {
			wrong = append(wrong, d)
			return nil
		})
		if err != nil {
			return err
		}
		if mended, last, more = len(wrong), span.last, rest; mended >= ledgerMends {
			last, more = after, true // there may be others of these viewers
		}
		return l.db.putRight(tx, wrong)
	})
	return mended, last, more, err
}

// MendCounts implements recounting.Ledger. By how much a count is wrong stays the same while others count, follow and erase, for
// they change it together with what it counts: so what was found wrong at one moment is put right at another.
func (l *Ledger) MendCounts(ctx context.Context, turn int64, mended func(int)) error {
	return l.db.still(ctx, func(conn *sql.Conn) error {
		head, err := tallied(ctx, conn)
		if err != nil {
			return err
		}
		wrong := make(deltas)
		flush := func(least int) error {
			n := len(wrong)
			if n < least {
				return nil
			}
			err := l.mend(ctx, turn, "tally", func(tx *gorm.DB, _ int64) error {
				_, err := l.db.addCounts(tx, wrong)
				return err
			})
			if err != nil {
				return err
			}
			clear(wrong)
			mended(n)
			return nil
		}
		err = differingItems(ctx, conn, head, func(item catalog.ItemID, stored, counted engagement.Counts) error {
			by := minus(counted, stored)
			wrong[item] = &by
			return flush(ledgerMends)
		})
		if err != nil {
			return err
		}
		if err := flush(1); err != nil {
			return err
		}
		return l.mendFollowers(ctx, conn, turn, mended)
	})
}

func (l *Ledger) mendFollowers(ctx context.Context, conn *sql.Conn, turn int64, mended func(int)) error {
	wrong := make(follows)
	flush := func(least int) error {
		n := len(wrong)
		if n < least {
			return nil
		}
		err := l.mend(ctx, turn, "followers", func(tx *gorm.DB, revision int64) error { return l.db.addFollowers(tx, wrong, revision+1) })
		if err != nil {
			return err
		}
		clear(wrong)
		mended(n)
		return nil
	}
	err := differingFollowers(ctx, conn, func(author catalog.AuthorID, stored, counted int64) error {
		wrong[author] = counted - stored
		return flush(ledgerMends)
	})
	if err != nil {
		return err
	}
	return flush(1)
}

func tallied(ctx context.Context, on querier) (head int64, err error) {
	err = each(ctx, on, "SELECT head FROM log_heads WHERE name = 'tally'", nil, func(scan func(...any) error) error { return scan(&head) })
	return head, err
}

func minus(a, b engagement.Counts) engagement.Counts {
	return engagement.Counts{
		Likes: a.Likes - b.Likes, Favorites: a.Favorites - b.Favorites, Comments: a.Comments - b.Comments,
		Shares: a.Shares - b.Shares, Plays: a.Plays - b.Plays,
	}
}
