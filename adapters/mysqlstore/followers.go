package mysqlstore

import (
	"context"
	"maps"
	"slices"

	"gorm.io/gorm"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// Followers is the engagement.Following. Who changes ties only adds rows to follow_changes, so that nobody waits for another
// who follows the same author; Advance takes them away and adds their sum to author_counts in one commit.
type Followers struct{ db *DB }

// NewFollowers works on db.
func NewFollowers(db *DB) *Followers { return &Followers{db} }

// follows are by how much authors' followers change.
type follows map[catalog.AuthorID]int64

func (f follows) change(c audience.Change) {
	switch {
	case c.Tie.Relation != audience.Follows:
	case c.Gone:
		f[c.Tie.Author]--
	default:
		f[c.Tie.Author]++
	}
}

// tell leaves the changes for Advance, in the commit that makes them.
func (f follows) tell(tx *gorm.DB) error {
	rows := newBulk(tx, "follow_changes", "", "author", "step")
	for _, author := range slices.Sorted(maps.Keys(f)) {
		if step := f[author]; step != 0 {
			rows.add(string(author), step)
		}
	}
	return rows.flush()
}

// endFollows tells that the viewer follows nobody any more. The rows stay as they are until the transaction ends.
func (db *DB) endFollows(tx *gorm.DB, viewer audience.ViewerID) error {
	var authors []catalog.AuthorID
	err := tx.Raw("SELECT author FROM ties WHERE viewer = ? AND relation = ?"+db.dialect.forUpdate(), string(viewer), int64(audience.Follows)).Scan(&authors).Error
	if err != nil {
		return err
	}
	ended := make(follows, len(authors))
	for _, author := range authors {
		ended[author]--
	}
	return ended.tell(tx)
}

// Advance implements engagement.Following. Instances take turns: whoever advances holds the head of followers.
func (f *Followers) Advance(ctx context.Context, limit int) (applied int, err error) {
	var waiting []int64
	err = f.db.read(ctx, func(tx *gorm.DB) error {
		return tx.Raw("SELECT id FROM follow_changes LIMIT 1").Scan(&waiting).Error
	})
	if err != nil || len(waiting) == 0 {
		return 0, err
	}
	err = f.db.write(ctx, func(tx *gorm.DB) error {
		applied = 0
		revision, err := f.db.lockHead(tx, "followers")
		if err != nil {
			return err
		}
		var rows []struct {
			ID     int64
			Author catalog.AuthorID
			Step   int64
		}
		if err := tx.Raw("SELECT id, author, step FROM follow_changes ORDER BY id LIMIT ?", limit).Scan(&rows).Error; err != nil || len(rows) == 0 {
			return err
		}
		// Those read, and not all up to the last: another with a smaller id may be committed meanwhile.
		ids, sum := make([]int64, len(rows)), make(follows)
		for i, row := range rows {
			ids[i] = row.ID
			sum[row.Author] += row.Step
		}
		err = chunks(ids, func(some []int64) error {
			return tx.Exec("DELETE FROM follow_changes WHERE id IN ?", some).Error
		})
		if err != nil {
			return err
		}
		applied = len(rows)
		return f.db.addFollowers(tx, sum, revision+1)
	})
	if err != nil {
		return 0, err
	}
	return applied, nil
}

// addFollowers adds the sums under the revision, the next one. The caller holds the head of followers.
func (db *DB) addFollowers(tx *gorm.DB, sum follows, revision int64) error {
	maps.DeleteFunc(sum, func(_ catalog.AuthorID, by int64) bool { return by == 0 })
	if len(sum) == 0 {
		return nil
	}
	rows := newBulk(tx, "author_counts", db.dialect.onClash(clash{key: []string{"author"}, replace: []string{"revision"}, add: []string{"followers"}}),
		"author", "followers", "revision")
	for _, author := range slices.Sorted(maps.Keys(sum)) {
		rows.add(string(author), sum[author], revision)
	}
	if err := rows.flush(); err != nil {
		return err
	}
	return setHead(tx, "followers", revision)
}

type followersRow struct {
	Author              catalog.AuthorID
	Followers, Revision int64
}

// Followers implements engagement.Following.
func (f *Followers) Followers(ctx context.Context, authors []catalog.AuthorID) (map[catalog.AuthorID]int64, error) {
	known := make(map[catalog.AuthorID]int64, len(authors))
	err := f.db.readLagging(ctx, func(tx *gorm.DB) error {
		return chunks(authors, func(some []catalog.AuthorID) error {
			var rows []followersRow
			err := tx.Raw("SELECT author, followers FROM author_counts WHERE author IN ? AND followers <> 0", padded(some)).Scan(&rows).Error
			for _, row := range rows {
				known[row.Author] = row.Followers
			}
			return err
		})
	})
	return known, err
}

// Changed implements engagement.Following. Its cursor is a revision and the last author of it that was read.
func (f *Followers) Changed(ctx context.Context, cursor string, limit int) (map[catalog.AuthorID]int64, string, error) {
	revision, author, err := parseRevision(cursor)
	if err != nil {
		return nil, "", err
	}
	var rows []followersRow
	err = f.db.readLagging(ctx, func(tx *gorm.DB) error {
		rows = nil
		return tx.Raw("SELECT author, followers, revision FROM author_counts WHERE revision > ? OR (revision = ? AND author > ?) ORDER BY revision, author LIMIT ?",
			revision, revision, author, limit).Scan(&rows).Error
	})
	if err != nil {
		return nil, "", err
	}
	changed := make(map[catalog.AuthorID]int64, len(rows))
	for _, row := range rows {
		changed[row.Author] = row.Followers
		cursor = revisionCursor(row.Revision, string(row.Author))
	}
	return changed, cursor, nil
}
