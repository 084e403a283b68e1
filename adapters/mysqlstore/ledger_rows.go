package mysqlstore

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/freshet/freshet/application/recounting"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

// viewerSpan is the viewers after one, up to last; without last all after it.
type viewerSpan struct{ after, last audience.ViewerID }

func (s viewerSpan) where() (string, []any) {
	if s.last == "" {
		return "viewer > ?", []any{string(s.after)}
	}
	return "viewer > ? AND viewer <= ?", []any{string(s.after), string(s.last)}
}

// nextViewers are as many as have about ledgerEvents events or reactions, and at least one.
func nextViewers(ctx context.Context, on querier, after audience.ViewerID) (s viewerSpan, more bool, err error) {
	s.after = after
	some := func(table string) string {
		return fmt.Sprintf("SELECT viewer FROM (SELECT viewer FROM %s WHERE viewer > ? ORDER BY viewer LIMIT %d) %[1]s", table, ledgerEvents+1)
	}
	query := fmt.Sprintf("SELECT viewer FROM (%s UNION ALL %s) x ORDER BY viewer LIMIT 1 OFFSET %d", some("events"), some("reactions"), ledgerEvents)
	err = each(ctx, on, query, []any{string(after), string(after)}, func(scan func(...any) error) error {
		more = true
		return scan(&s.last)
	})
	return s, more, err
}

// differingRow is a row of reactions or, with kind 0, of counted_plays that is there and should not be, or the other way round.
type differingRow struct {
	viewer  audience.ViewerID
	item    catalog.ItemID
	kind    reactionKind
	session string
	there   bool
}

// into adds what the log counts more than the rows.
func (d differingRow) into(counts deltas) {
	by := int64(1)
	if d.there {
		by = -1
	}
	if d.kind == 0 {
		counts.of(d.item).Plays += by
		return
	}
	counts.react(reaction{d.viewer, d.item, d.kind}, by)
}

func (d differingRow) difference() recounting.Difference {
	out := recounting.Difference{Kind: recounting.Reactions, Of: string(d.item), Viewer: d.viewer, Counted: 1}
	if d.kind == 0 {
		out.Kind = recounting.CountedPlays
	}
	if d.there {
		out.Stored, out.Counted = 1, 0
	}
	return out
}

// differingRows tells the rows of the viewers that are not what the log says up to the head; at most so many of each table, 0: all.
// Of a reaction on which the log has no act, what was pruned says it.
func (l *Ledger) differingRows(ctx context.Context, on querier, span viewerSpan, head int64, most int, tell func(differingRow) error) error {
	where, of := span.where()
	var args []any
	acts := func(kind reactionKind, begins, ends audience.Act) string {
		args = append(append(args, of...), head)
		return fmt.Sprintf(`SELECT viewer, item, %d AS kind, 0 AS held, 1 AS acts, 0 AS before_acts,
				CASE WHEN MAX(CASE WHEN act = %[3]d THEN pos ELSE 0 END) > MAX(CASE WHEN act = %[4]d THEN pos ELSE 0 END) THEN 1 ELSE 0 END AS due
			FROM events WHERE %[2]s AND pos <= ? AND act IN (%[3]d, %[4]d) GROUP BY viewer, item`, kind, where, begins, ends)
	}
	query := acts(liked, audience.Like, audience.Unlike) + " UNION ALL " + acts(favored, audience.Favorite, audience.Unfavorite) +
		" UNION ALL SELECT viewer, item, kind, 1, 0, 0, 0 FROM reactions WHERE " + where +
		" UNION ALL SELECT viewer, item, kind, 0, 0, 1, 0 FROM pruned_reactions WHERE " + where
	args = append(append(args, of...), of...)
	limit := ""
	if most > 0 {
		limit = fmt.Sprintf(" LIMIT %d", most)
	}
	err := each(ctx, on, "SELECT viewer, item, kind, SUM(held) FROM ("+query+`) x GROUP BY viewer, item, kind
			HAVING SUM(held) <> CASE WHEN SUM(acts) > 0 THEN SUM(due) ELSE SUM(before_acts) END`+limit, args,
		func(scan func(...any) error) error {
			var d differingRow
			if err := scan(&d.viewer, &d.item, &d.kind, &d.there); err != nil {
				return err
			}
			return tell(d)
		})
	if err != nil {
		return err
	}
	query = fmt.Sprintf(`SELECT viewer, item, session, SUM(held) FROM (
			SELECT DISTINCT viewer, item, session, 0 AS held, 1 AS due FROM events WHERE %s AND pos <= ? AND act IN (%d, %d, %d)
			UNION ALL SELECT viewer, item, session, 1, 0 FROM counted_plays WHERE %[1]s
		) x GROUP BY viewer, item, session HAVING SUM(held) <> SUM(due)`, where, audience.PlayStart, audience.PlayProgress, audience.PlayComplete)
	args = append(append(append([]any{}, of...), head), of...)
	return each(ctx, on, query+limit, args, func(scan func(...any) error) error {
		var d differingRow
		if err := scan(&d.viewer, &d.item, &d.session, &d.there); err != nil {
			return err
		}
		return tell(d)
	})
}

func (db *DB) putRight(tx *gorm.DB, wrong []differingRow) error {
	reactions := newBulk(tx, "reactions", "", "viewer", "item", "kind")
	plays := newBulk(tx, "counted_plays", "", "viewer", "item", "session")
	var ended []reaction
	var uncounted []playKey
	for _, d := range wrong {
		r, k := reaction{d.viewer, d.item, d.kind}, playKey{d.viewer, d.item, d.session}
		switch {
		case d.kind != 0 && d.there:
			ended = append(ended, r)
		case d.kind != 0:
			reactions.add(reactionArgs([]reaction{r})...)
		case d.there:
			uncounted = append(uncounted, k)
		default:
			plays.add(playArgs([]playKey{k})...)
		}
	}
	if err := reactions.flush(); err != nil {
		return err
	}
	if err := plays.flush(); err != nil {
		return err
	}
	if err := db.endReactions(tx, ended); err != nil {
		return err
	}
	return chunks(uncounted, func(some []playKey) error {
		return run(tx, "DELETE FROM counted_plays WHERE (viewer, item, session) IN "+db.dialect.tuples(len(some), 3), playArgs(some))
	})
}

// differingItems tells the counts that are not those of the rows and of the log up to the head.
func differingItems(ctx context.Context, on querier, head int64, tell func(item catalog.ItemID, stored, counted engagement.Counts) error) error {
	query := fmt.Sprintf(`SELECT item, SUM(l), SUM(f), SUM(c), SUM(s), SUM(p), SUM(sl), SUM(sf), SUM(sc), SUM(ss), SUM(sp) FROM (
			SELECT item, SUM(CASE WHEN kind = %d THEN 1 ELSE 0 END) AS l, SUM(CASE WHEN kind = %d THEN 1 ELSE 0 END) AS f, 0 AS c, 0 AS s, 0 AS p,
				0 AS sl, 0 AS sf, 0 AS sc, 0 AS ss, 0 AS sp FROM reactions GROUP BY item
			UNION ALL SELECT item, 0, 0, 0, 0, COUNT(*), 0, 0, 0, 0, 0 FROM counted_plays GROUP BY item
			UNION ALL SELECT item, 0, 0, SUM(CASE WHEN act = %d THEN 1 ELSE 0 END), SUM(CASE WHEN act = %d THEN 1 ELSE 0 END), 0, 0, 0, 0, 0, 0
				FROM events WHERE pos <= ? AND act IN (%[3]d, %[4]d) GROUP BY item
			UNION ALL SELECT item, 0, 0, comments, shares, plays, 0, 0, 0, 0, 0 FROM pruned_counts
			UNION ALL SELECT item, 0, 0, 0, 0, 0, likes, favorites, comments, shares, plays FROM item_counts
		) x GROUP BY item HAVING SUM(l) <> SUM(sl) OR SUM(f) <> SUM(sf) OR SUM(c) <> SUM(sc) OR SUM(s) <> SUM(ss) OR SUM(p) <> SUM(sp)`,
		liked, favored, audience.Comment, audience.Share)
	return each(ctx, on, query, []any{head}, func(scan func(...any) error) error {
		var item catalog.ItemID
		var stored, counted engagement.Counts
		if err := scan(&item, &counted.Likes, &counted.Favorites, &counted.Comments, &counted.Shares, &counted.Plays,
			&stored.Likes, &stored.Favorites, &stored.Comments, &stored.Shares, &stored.Plays); err != nil {
			return err
		}
		return tell(item, stored, counted)
	})
}

// differingFollowers tells the authors whose followers, those included that wait to be counted, are not those of the ties.
func differingFollowers(ctx context.Context, on querier, tell func(author catalog.AuthorID, stored, counted int64) error) error {
	query := fmt.Sprintf(`SELECT author, SUM(held), SUM(due) FROM (
			SELECT author, 0 AS held, COUNT(*) AS due FROM ties WHERE relation = %d GROUP BY author
			UNION ALL SELECT author, followers, 0 FROM author_counts
			UNION ALL SELECT author, SUM(step), 0 FROM follow_changes GROUP BY author
		) x GROUP BY author HAVING SUM(held) <> SUM(due)`, audience.Follows)
	return each(ctx, on, query, nil, func(scan func(...any) error) error {
		var author catalog.AuthorID
		var stored, counted int64
		if err := scan(&author, &stored, &counted); err != nil {
			return err
		}
		return tell(author, stored, counted)
	})
}
