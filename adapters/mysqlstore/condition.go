package mysqlstore

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/freshet/freshet/application/diagnosing"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
)

// Condition is the diagnosing.Records.
type Condition struct {
	*DB
	erasures *Erasures
}

// NewCondition works on db.
func NewCondition(db *DB) *Condition { return &Condition{db, NewErasures(db)} }

// Offsets implements diagnosing.Records. What was given is read last, so that it is never behind what was used.
func (c *Condition) Offsets(ctx context.Context) (o diagnosing.Offsets, err error) {
	err = c.read(ctx, func(tx *gorm.DB) error {
		o = diagnosing.Offsets{}
		for query, into := range map[string]any{
			"SELECT COALESCE(MAX(pos), 0) FROM events":           &o.LastEvent,
			"SELECT COALESCE(MAX(pos), 0) FROM erasures":         &o.LastErasure,
			"SELECT COALESCE(MAX(revision), 0) FROM item_counts": &o.CountsRevision,
			"SELECT head FROM log_heads WHERE name = 'tally'":    &o.Tally,
			"SELECT COUNT(*) FROM follow_changes":                &o.UnsummedFollows,
		} {
			if err := tx.Raw(query).Scan(into).Error; err != nil {
				return err
			}
		}
		var heads []struct {
			Name string
			Head uint64
		}
		err := tx.Raw("SELECT name, head FROM log_heads").Scan(&heads).Error
		for _, h := range heads {
			switch h.Name {
			case "events":
				o.Events = h.Head
			case "erasures":
				o.Erasures = h.Head
			case "counts":
				o.Counts = h.Head
			}
		}
		return err
	})
	return o, err
}

// Workers implements diagnosing.Records.
func (c *Condition) Workers(ctx context.Context) (w diagnosing.Workers, err error) {
	err = c.read(ctx, func(tx *gorm.DB) error {
		var rows []struct {
			Worker          int
			Owner           string
			Until, Reach, N int64
		}
		now := c.dialect.nowMillis()
		err := tx.Raw("SELECT worker, owner, until_ms AS until, reach_ms AS reach, " + now + " AS n FROM workers WHERE until_ms > " + now + " ORDER BY worker LIMIT 1000").Scan(&rows).Error
		w = diagnosing.Workers{}
		for _, row := range rows {
			w.Now = timeOf(row.N)
			w.Held = append(w.Held, diagnosing.Worker{ID: row.Worker, Owner: row.Owner, Until: timeOf(row.Until), Reach: timeOf(row.Reach)})
		}
		return err
	})
	return w, err
}

// Capture implements diagnosing.Records.
func (c *Condition) Capture(ctx context.Context) (p diagnosing.Capture, err error) {
	err = c.read(ctx, func(tx *gorm.DB) error {
		var row struct {
			DoneTo           string
			Until, KeptAt, N int64
		}
		err := tx.Raw("SELECT done_to, until_ms AS until, kept_at, " + c.dialect.nowMillis() + " AS n FROM captures WHERE name = 'binlog'").Scan(&row).Error
		p = diagnosing.Capture{Position: row.DoneTo, Held: row.Until > row.N, KeptAt: timeOf(row.KeptAt), Now: timeOf(row.N)}
		return err
	})
	return p, err
}

const (
	noticesLooked = 1000
	// clocksApart is by how much the clocks of instances may differ from the database's.
	clocksApart = 5 * time.Second
)

// Unerased implements diagnosing.Records. It looks at the newest thousand.
func (c *Condition) Unerased(ctx context.Context) (notices int, viewers []audience.ViewerID, err error) {
	var rows []struct {
		PostedAt int64
		Sealed   []byte
	}
	err = c.read(ctx, func(tx *gorm.DB) error {
		rows = nil
		return tx.Raw("SELECT posted_at, sealed FROM erasures ORDER BY pos DESC LIMIT ?", noticesLooked).Scan(&rows).Error
	})
	if err != nil || len(rows) == 0 {
		return 0, nil, err
	}
	key, err := c.erasures.seal.secrets.Get(ctx, "erasure_key")
	if err == nil && key == nil { // without it, opening a notice would make another
		err = errSeal
	}
	if err != nil {
		return 0, nil, err
	}
	newest := make(map[audience.ViewerID]struct{}, len(rows)) // of one who was erased twice the last time counts
	for _, row := range rows {
		viewer, err := c.erasures.seal.open(ctx, row.Sealed)
		if err != nil {
			return 0, nil, err
		}
		if _, known := newest[viewer]; known {
			continue
		}
		newest[viewer] = struct{}{}
		left, err := c.leftOf(ctx, viewer, row.PostedAt-clocksApart.Milliseconds())
		if err != nil {
			return 0, nil, err
		}
		if left {
			viewers = append(viewers, viewer)
		}
	}
	return len(rows), viewers, nil
}

// leftOf reports that there is something of the viewer from before.
func (c *Condition) leftOf(ctx context.Context, viewer audience.ViewerID, before int64) (left bool, err error) {
	v := string(viewer)
	err = c.read(ctx, func(tx *gorm.DB) error {
		var found []int
		err := tx.Raw(`SELECT 1 FROM events WHERE viewer = ? AND received_at < ? UNION SELECT 2 FROM pages WHERE viewer = ? AND served_at < ?
			UNION SELECT 3 FROM sessions WHERE viewer = ? AND started_at < ? UNION SELECT 4 FROM ties WHERE viewer = ? AND at < ?
			UNION SELECT 5 FROM decisions WHERE viewer = ? AND at < ?`, v, before, v, before, v, before, v, before, v, before).Scan(&found).Error
		left = len(found) > 0
		return err
	})
	return left, err
}

// Repairs implements diagnosing.Records.
func (c *Condition) Repairs(ctx context.Context) (n int64, err error) {
	err = c.read(ctx, func(tx *gorm.DB) error { return tx.Raw("SELECT COUNT(*) FROM repairs").Scan(&n).Error })
	return n, err
}

// digestPage is how many items are read at a time.
const digestPage = 5000

// Digest implements diagnosing.Records. It reads in small steps: what is changed meanwhile may be in it or not.
func (c *Condition) Digest(ctx context.Context) (d catalog.Digest, err error) {
	for after := int64(0); ; {
		var rows []struct {
			Number  int64
			ID      catalog.ItemID
			Version uint64
			State   catalog.State
		}
		err := c.read(ctx, func(tx *gorm.DB) error {
			rows = nil
			return tx.Raw("SELECT number, id, version, state FROM items WHERE number > ? ORDER BY number LIMIT ?", after, digestPage).Scan(&rows).Error
		})
		if err != nil {
			return catalog.Digest{}, err
		}
		for _, row := range rows {
			if row.State == catalog.Published {
				d.Add(row.ID, row.Version)
			}
		}
		if len(rows) < digestPage {
			return d, nil
		}
		after = rows[len(rows)-1].Number
	}
}
