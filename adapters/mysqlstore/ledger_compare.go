package mysqlstore

import (
	"context"
	"database/sql"

	"github.com/freshet/freshet/application/recounting"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

// Compare implements recounting.Ledger. In memory it has one count for each item of which rows differ.
func (l *Ledger) Compare(ctx context.Context, tell func(recounting.Difference) error) (offset engagement.Offset, err error) {
	err = l.db.still(ctx, func(conn *sql.Conn) error {
		head, err := tallied(ctx, conn)
		if err != nil {
			return err
		}
		offset = engagement.Offset(head)
		rows := make(deltas) // by how much the log's counts differ from those of the rows
		for after, more := audience.ViewerID(""), true; more; {
			var span viewerSpan
			if span, more, err = nextViewers(ctx, conn, after); err != nil {
				return err
			}
			err = l.differingRows(ctx, conn, span, head, 0, func(d differingRow) error {
				d.into(rows)
				return tell(d.difference())
			})
			if err != nil {
				return err
			}
			after = span.last
		}
		if err := compareItems(ctx, conn, head, rows, tell); err != nil {
			return err
		}
		return differingFollowers(ctx, conn, func(author catalog.AuthorID, stored, counted int64) error {
			return tell(recounting.Difference{Kind: recounting.Followers, Of: string(author), Stored: stored, Counted: counted})
		})
	})
	return offset, err
}

// compareItems tells the items whose counts are not those of the log: those of the rows and what rows say wrong.
func compareItems(ctx context.Context, conn *sql.Conn, head int64, rows deltas, tell func(recounting.Difference) error) error {
	err := differingItems(ctx, conn, head, func(item catalog.ItemID, stored, counted engagement.Counts) error {
		if wrong, ok := rows[item]; ok {
			counted = plus(counted, *wrong)
			delete(rows, item)
		}
		return tellCounts(item, stored, counted, tell)
	})
	if err != nil {
		return err
	}
	for item, wrong := range rows { // whose counts are those of the rows
		var stored engagement.Counts
		err := each(ctx, conn, "SELECT likes, favorites, comments, shares, plays FROM item_counts WHERE item = ?", []any{string(item)}, func(scan func(...any) error) error {
			return scan(&stored.Likes, &stored.Favorites, &stored.Comments, &stored.Shares, &stored.Plays)
		})
		if err != nil {
			return err
		}
		if err := tellCounts(item, stored, plus(stored, *wrong), tell); err != nil {
			return err
		}
	}
	return nil
}

func tellCounts(item catalog.ItemID, stored, counted engagement.Counts, tell func(recounting.Difference) error) error {
	for _, d := range []recounting.Difference{
		{Kind: recounting.Likes, Stored: stored.Likes, Counted: counted.Likes},
		{Kind: recounting.Favorites, Stored: stored.Favorites, Counted: counted.Favorites},
		{Kind: recounting.Comments, Stored: stored.Comments, Counted: counted.Comments},
		{Kind: recounting.Shares, Stored: stored.Shares, Counted: counted.Shares},
		{Kind: recounting.Plays, Stored: stored.Plays, Counted: counted.Plays},
	} {
		if d.Of = string(item); d.Stored != d.Counted {
			if err := tell(d); err != nil {
				return err
			}
		}
	}
	return nil
}

func plus(a, b engagement.Counts) engagement.Counts {
	return engagement.Counts{
		Likes: a.Likes + b.Likes, Favorites: a.Favorites + b.Favorites, Comments: a.Comments + b.Comments,
		Shares: a.Shares + b.Shares, Plays: a.Plays + b.Plays,
	}
}
