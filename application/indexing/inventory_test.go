package indexing_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/adapters/filestore"
	"github.com/freshet/freshet/adapters/mysqlstore"
	"github.com/freshet/freshet/application/indexing"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
	"github.com/freshet/freshet/test/world"
)

// shop is an instance that takes writes, and the data folder of another that comes and goes.
type shop struct {
	*world.World
	t      *testing.T
	writer *world.Process
	file   string
	o      indexing.InventoryOptions
	began  indexing.Beginning
}

func open(t *testing.T) *shop {
	s := &shop{World: world.New(t), t: t, file: filepath.Join(t.TempDir(), "catalogue")}
	s.writer = s.Process()
	s.o = indexing.InventoryOptions{Whose: 7, Most: 1 << 30, Told: func(b indexing.Beginning) { s.began = b }}
	return s
}

// begin starts the other instance anew.
func (s *shop) begin() (*world.Process, *indexing.Inventory) {
	p := s.Process(func(p *world.Parts) { p.Stream = world.Stream{Changes: p.Stream, Breaker: &world.Breaker{}} }) // which does not wait
	n := s.inventory(p)
	require.NoError(s.t, n.Build(ctx))
	return p, n
}

func (s *shop) inventory(p *world.Process) *indexing.Inventory {
	return indexing.NewInventory(p.Keeper, p.Index, filestore.NewSnapshot(s.file), s.o)
}

func (s *shop) save(n *indexing.Inventory) {
	s.t.Helper()
	_, err := n.Save(ctx)
	require.NoError(s.t, err)
}

// kept is what a first life of the instance leaves behind.
func (s *shop) kept() {
	s.writer.Stock(30)
	relay(s.t, s.writer)
	s.Clock.Advance(time.Hour)
	_, n := s.begin()
	require.Equal(s.t, indexing.Beginning{Changed: 30}, s.began)
	s.save(n)
}

// readAnew makes sure that an instance took nothing from the snapshot, and why.
func (s *shop) readAnew(why error) {
	s.t.Helper()
	p, n := s.begin()
	require.Zero(s.t, s.began.Items)
	require.ErrorIs(s.t, s.began.Ignored, why)
	require.Equal(s.t, fresh(s.t, s).Index.Digest(), p.Index.Digest())
	require.Zero(s.t, n.Stats().Began.Items)
}

// fresh is a process that read everything from the records.
func fresh(t *testing.T, s *shop) *world.Process {
	p := s.Process()
	_, err := p.Keeper.Build(ctx)
	require.NoError(t, err)
	return p
}

func TestAStartGoesOnFromTheSnapshot(t *testing.T) {
	s := open(t)
	s.kept()
	s.Clock.Advance(24 * time.Hour)
	put(t, s.writer, world.ItemID(3), "new title")
	put(t, s.writer, "added", "added")
	require.NoError(t, s.writer.Items.Hide(ctx, world.ItemID(4)))
	require.NoError(t, s.writer.Items.Remove(ctx, world.ItemID(5)))
	p, n := s.begin()
	require.Equal(t, indexing.Beginning{Items: 30, Changed: 4, Age: 24 * time.Hour}, s.began)
	require.Equal(t, s.began, n.Stats().Began)
	require.Equal(t, []string{"new title", "added", "(hidden)", "(removed)", "Item 6"},
		[]string{title(p, world.ItemID(3)), title(p, "added"), title(p, world.ItemID(4)), title(p, world.ItemID(5)), title(p, world.ItemID(6))})
	require.Equal(t, fresh(t, s).Index.Digest(), p.Index.Digest())
	require.Equal(t, world.IDs(fresh(t, s).Page("v", "")), world.IDs(p.Page("w", "")))

	put(t, s.writer, "later", "later")
	relay(t, s.writer)
	_, err := p.Keeper.Follow(ctx)
	require.NoError(t, err)
	require.Equal(t, "later", title(p, "later"))
	s.save(n)
	_, _ = s.begin()
	require.Equal(t, 32, s.began.Items)
}

func TestWhatAClockThatIsBehindWroteMeanwhileComesByTheStream(t *testing.T) {
	s := open(t)
	s.kept()
	s.Clock.Advance(-10 * time.Minute)
	put(t, s.writer, world.ItemID(3), "late")
	relay(t, s.writer)
	s.Clock.Advance(20 * time.Minute)
	p, _ := s.begin()
	require.Equal(t, 30, s.began.Items)
	require.Equal(t, "Item 3", title(p, world.ItemID(3)), "the records do not tell")
	_, err := p.Keeper.Follow(ctx)
	require.NoError(t, err)
	require.Equal(t, "late", title(p, world.ItemID(3)))
}

func TestWhatNobodyToldOfIsFoundByComparingVersions(t *testing.T) {
	s := open(t)
	s.o.Versions = mysqlstore.NewItems(s.DB, s.Numbers)
	s.kept()
	require.EqualValues(t, 1, s.SQL("UPDATE items SET version = version + 1, state = 3 WHERE id = ?", string(world.ItemID(9))), "a clock that was far behind, and the stream forgot")
	p, n := s.begin()
	require.Equal(t, "Item 9", title(p, world.ItemID(9)))
	mended, err := n.Prove(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, mended)
	require.Equal(t, "(removed)", title(p, world.ItemID(9)))
	require.Equal(t, 1, n.Stats().Items)
	require.Equal(t, fresh(t, s).Index.Digest(), p.Index.Digest())
	s.SQL("UPDATE items SET version = version + 1 WHERE id = ?", string(world.ItemID(8)))
	mended, err = n.Prove(ctx)
	require.NoError(t, err)
	require.Zero(t, mended, "once is enough")
}

func TestASnapshotThatTheStreamDoesNotReachIsNotGoneOnFrom(t *testing.T) {
	s := open(t)
	s.kept()
	s.Clock.Advance(-10 * time.Minute)
	put(t, s.writer, world.ItemID(3), "late")
	relay(t, s.writer)
	s.WipeRedis()
	s.readAnew(indexing.ErrSnapshotStale)

	s.o.Alone = true // and no other clock
	_, _ = s.begin()
	require.Equal(t, 30, s.began.Items)
}

func TestWhileTheStreamIsOutOfReachASnapshotIsGoneOnFrom(t *testing.T) {
	s := open(t)
	s.kept()
	put(t, s.writer, world.ItemID(3), "changed")
	stream := &world.Breaker{}
	p := s.Process(func(p *world.Parts) { p.Stream = world.Stream{Changes: p.Stream, Breaker: stream} })
	stream.Set(world.Fails)
	require.NoError(t, s.inventory(p).Build(ctx))
	require.Equal(t, 30, s.began.Items)
	require.Equal(t, "changed", title(p, world.ItemID(3)))
	stream.Set(world.Works)
	put(t, s.writer, world.ItemID(4), "changed")
	relay(t, s.writer)
	_, err := p.Keeper.Follow(ctx)
	require.NoError(t, err)
	require.Equal(t, "changed", title(p, world.ItemID(4)), "from where it stood then")
}

func TestASnapshotOfAnotherDatabaseIsNotGoneOnFrom(t *testing.T) {
	for name, change := range map[string]func(s *shop){
		"another name":                  func(s *shop) { s.o.Whose++ },
		"the newest item is gone":       func(s *shop) { s.SQL("DELETE FROM items WHERE id = ?", string(world.ItemID(30))) },
		"the last change is gone":       func(s *shop) { s.SQL("UPDATE items SET version = version - 1 WHERE id = 'last'") },
		"there was another instead":     func(s *shop) { s.SQL("UPDATE items SET changed_at = changed_at + 1 WHERE id = 'last'") },
		"another item under its number": func(s *shop) { s.SQL("UPDATE items SET id = 'other' WHERE id = 'last'") },
		"everything is gone":            func(s *shop) { s.SQL("DELETE FROM items") },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			put(t, s.writer, "last", "first")
			s.writer.Stock(30)
			s.Clock.Advance(time.Hour)
			put(t, s.writer, "last", "second")
			relay(t, s.writer)
			_, n := s.begin()
			s.save(n)
			change(s)
			s.readAnew(indexing.ErrSnapshotForeign)
		})
	}
}

func TestADamagedSnapshotIsNotGoneOnFrom(t *testing.T) {
	s := open(t)
	s.kept()
	whole, err := os.ReadFile(s.file)
	require.NoError(t, err)
	for at := 0; at < len(whole); at += 97 {
		bad := bytes.Clone(whole)
		bad[at] ^= 0x40
		for _, file := range [][]byte{bad, whole[:at]} {
			require.NoError(t, os.WriteFile(s.file, file, 0o600))
			s.readAnew(indexing.ErrSnapshotDamaged)
		}
	}
	require.NoError(t, os.Remove(s.file))
	require.NoError(t, os.Mkdir(s.file, 0o700))
	s.readAnew(indexing.ErrSnapshotDamaged)
}

func TestASnapshotIsWrittenWhereSomethingChanged(t *testing.T) {
	s := open(t)
	s.writer.Stock(3)
	relay(t, s.writer)
	early := s.inventory(s.Process())
	s.save(early)
	require.NoFileExists(t, s.file, "the records were not looked at yet")
	_, n := s.begin()
	s.save(n)
	require.FileExists(t, s.file)
	require.Equal(t, s.Clock.Now(), n.Stats().At)
	require.NoError(t, os.Remove(s.file))
	s.save(n)
	require.NoFileExists(t, s.file)
	put(t, s.writer, "x", "x")
	p, n := s.begin()
	s.save(n)
	require.FileExists(t, s.file)
	_, n = s.begin()
	require.NoError(t, os.Remove(s.file))
	s.save(n)
	require.NoFileExists(t, s.file, "it went on from the same")
	require.Equal(t, 4, p.Index.View().Len())

	s.o.Most = 0
	_, n = s.begin()
	require.Zero(t, s.began.Items)
	s.save(n)
	require.NoFileExists(t, s.file)
}

func TestASnapshotKeepsUpWithAStreamThatTellsNothingNew(t *testing.T) {
	s := open(t)
	s.writer.Stock(3)
	p, n := s.begin()
	s.save(n)
	relay(t, s.writer)
	_, err := p.Keeper.Follow(ctx)
	require.NoError(t, err)
	require.NoError(t, os.Remove(s.file))
	s.save(n)
	require.FileExists(t, s.file, "the stream goes on, and will not reach back to where the file stood")
	require.NoError(t, os.Remove(s.file))
	s.save(n)
	require.NoFileExists(t, s.file)
}

func TestASnapshotThatAStartWouldReadMuchAgainForIsWrittenOnceMore(t *testing.T) {
	s := open(t)
	s.writer.Stock(30)
	relay(t, s.writer)
	changed := s.Clock.Now()
	p, n := s.begin()
	s.save(n) // a start from this reads from the table what changed in the two minutes before
	later := func(n *indexing.Inventory, after time.Duration) (written bool) {
		t.Helper()
		s.Clock.Advance(changed.Add(after).Sub(s.Clock.Now()))
		_, err := p.Keeper.CatchUp(ctx)
		require.NoError(t, err)
		before := n.Stats().At
		s.save(n)
		return n.Stats().At != before
	}
	require.False(t, later(n, 2*time.Minute-1))
	p, n = s.begin()
	require.False(t, later(n, 2*time.Minute-1), "the start knew that, too")
	require.True(t, later(n, 2*time.Minute+time.Second))
	require.False(t, later(n, time.Hour))
	p, n = s.begin()
	require.False(t, later(n, 2*time.Hour))
}

// crowd is an index of so many items.
type crowd struct {
	indexing.Lasting
	items int
}

func (c crowd) View() recommend.View { return many{c.Lasting.View(), c.items} }

type many struct {
	recommend.View
	items int
}

func (m many) Len() int { return m.items }

func TestAtTheEndAnIndexIsWrittenUnlessThatTakesLong(t *testing.T) {
	s := open(t)
	s.writer.Stock(3)
	relay(t, s.writer)
	p, _ := s.begin()
	for items, written := range map[int]bool{1_000_000: true, 1_000_001: false} {
		n := indexing.NewInventory(p.Keeper, crowd{p.Index, items}, filestore.NewSnapshot(s.file), s.o)
		require.NoError(t, n.Close(ctx))
		_, err := os.Stat(s.file)
		require.Equal(t, written, err == nil, "%d items", items)
		require.NoError(t, os.RemoveAll(s.file))
	}
}

func TestASnapshotThatCannotBeWrittenLeavesTheOneBefore(t *testing.T) {
	s := open(t)
	s.kept()
	before, err := os.ReadFile(s.file)
	require.NoError(t, err)
	put(t, s.writer, "x", "x")
	s.o.Most = int64(len(before))
	_, n := s.begin()
	_, err = n.Save(ctx)
	require.ErrorIs(t, err, indexing.ErrSnapshotTooLong)
	s.o.Most = 1 << 30
	_, n = s.begin()
	ended, end := context.WithCancel(ctx)
	end()
	_, err = n.Save(ended)
	require.ErrorIs(t, err, context.Canceled)
	now, err := os.ReadFile(s.file)
	require.NoError(t, err)
	require.Equal(t, before, now)
	require.NoError(t, func() error { _, err := n.Save(ctx); return err }())
}

// gaps notes what it is told.
type gaps struct{ compared, resumed uint64 }

func (g *gaps) Compared() uint64       { return g.compared }
func (g *gaps) Resume(compared uint64) { g.resumed = compared }

func TestGapsInTheDatabasesLogSinceTheSnapshotAreComparedFor(t *testing.T) {
	s := open(t)
	s.kept() // by an instance that does not read the log
	g := &gaps{compared: 4}
	s.o.Gaps = g
	put(t, s.writer, "x", "x")
	_, n := s.begin()
	require.Equal(t, ^uint64(0), g.resumed, "whatever was changed in SQL since, nobody looked")
	s.save(n)
	g.compared = 9
	_, _ = s.begin()
	require.EqualValues(t, 4, g.resumed)
}

func TestASnapshotIsExamined(t *testing.T) {
	s := open(t)
	s.kept()
	items := mysqlstore.NewItems(s.DB, s.Numbers)
	examine := func(whose uint64) (time.Time, error) {
		file, err := filestore.NewSnapshot(s.file).Look()
		require.NoError(t, err)
		defer func() { require.NoError(t, file.Close()) }()
		return indexing.Examine(ctx, file, whose, items)
	}
	at, err := examine(7)
	require.NoError(t, err)
	require.Equal(t, s.Clock.Now(), at)
	_, err = examine(8)
	require.ErrorIs(t, err, indexing.ErrSnapshotForeign)
	_, err = indexing.Examine(ctx, strings.NewReader("freshet catalogue"), 7, items)
	require.ErrorIs(t, err, indexing.ErrSnapshotDamaged)
}

// TestWhateverHappensWhileItIsAwayAnInstanceKnowsTheCatalogue has a clock of the writer that is up to two minutes behind.
func TestWhateverHappensWhileItIsAwayAnInstanceKnowsTheCatalogue(t *testing.T) {
	s := open(t)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		s.file = filepath.Join(filepath.Dir(s.file), fmt.Sprint(n))
		for range rapid.IntRange(1, 4).Draw(t, "lives") {
			p, kept := s.begin()
			for range rapid.IntRange(0, 12).Draw(t, "steps") {
				id := catalog.ItemID(fmt.Sprint("p", rapid.IntRange(0, 15).Draw(t, "item")))
				var err error
				switch rapid.IntRange(0, 7).Draw(t, "step") {
				case 0, 1:
					behind := time.Duration(rapid.IntRange(0, 119).Draw(t, "behind")) * time.Second
					s.Clock.Advance(-behind)
					_, err = s.writer.Items.Put(ctx, id, catalog.Details{Title: fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "title")), Tags: []string{fmt.Sprint("t", rapid.IntRange(0, 2).Draw(t, "tag"))}})
					s.Clock.Advance(behind)
				case 2:
					err = ignored(s.writer.Items.Remove(ctx, id))
				case 3:
					err = ignored(s.writer.Items.Hide(ctx, id))
				case 4:
					relay(s.t, s.writer)
					_, err = p.Keeper.Follow(ctx)
				case 5:
					_, err = p.Keeper.CatchUp(ctx)
				case 6:
					_, err = kept.Save(ctx)
				case 7:
					s.Clock.Advance(time.Duration(rapid.IntRange(0, 600).Draw(t, "seconds")) * time.Second)
				}
				require.NoError(t, err)
			}
		}
		p, _ := s.begin()
		all := fresh(s.t, s)
		require.Equal(t, all.Index.Digest(), p.Index.Digest())
		require.Equal(t, all.Index.View().Version(), p.Index.View().Version())
		for _, tag := range []string{"t0", "t1", "t2"} {
			require.Equal(t, onShelf(all, tag), onShelf(p, tag))
		}
	})
}

func ignored(err error) error {
	if errors.Is(err, catalog.ErrItemNotFound) {
		return nil
	}
	return err
}

func onShelf(p *world.Process, tag string) []catalog.ItemID {
	v, term, into := p.Index.View(), []recommend.Term{0}, make([]recommend.Ordinal, 100)
	v.Terms(recommend.TagField, []string{tag}, term)
	ids := make([]catalog.ItemID, v.Newest(recommend.Shelf{Field: recommend.TagField, Term: term[0]}, 0, into))
	v.IDs(into[:len(ids)], ids)
	return ids
}

func FuzzInventoryHead(f *testing.F) {
	w := world.New(f)
	f.Add([]byte("freshet catalogue\x01\x00\x00\x00\x00\x00\x00\x00\x00"))
	items := mysqlstore.NewItems(w.DB, w.Numbers)
	p := w.Process()
	p.Stock(5)
	_, err := p.Keeper.Build(ctx)
	require.NoError(f, err)
	file := filepath.Join(f.TempDir(), "s")
	_, err = indexing.NewInventory(p.Keeper, p.Index, filestore.NewSnapshot(file), indexing.InventoryOptions{Most: 1 << 20}).Save(ctx)
	require.NoError(f, err)
	whole, err := os.ReadFile(file)
	require.NoError(f, err)
	f.Add(whole[:600])
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := indexing.Examine(ctx, io.LimitReader(bytes.NewReader(b), 1<<20), 0, items)
		if err != nil && !errors.Is(err, indexing.ErrSnapshotForeign) {
			require.ErrorIs(t, err, indexing.ErrSnapshotDamaged)
		}
	})
}
