package memindex_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freshet/freshet/adapters/memindex"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

func onDisk(t require.TestingT, x *memindex.Index) []byte {
	var b bytes.Buffer
	require.NoError(t, x.Save(&b, func([]catalog.Snapshot) error { return nil }))
	return b.Bytes()
}

func restored(t require.TestingT, file []byte) *memindex.Index {
	x := memindex.New()
	require.NoError(t, x.Restore(bytes.NewReader(file)))
	return x
}

// told is all that a view answers, in terms that mean the same in every index.
type told struct {
	Version uint64
	Digest  catalog.Digest
	Items   map[catalog.ItemID]catalog.Snapshot
	Traits  map[catalog.ItemID]string
	Shelves map[string][]catalog.ItemID
	Counts  map[string]uint32
}

func tell(t require.TestingT, x *memindex.Index) told {
	v := x.View()
	out := told{v.Version(), x.Digest(), map[catalog.ItemID]catalog.Snapshot{}, map[catalog.ItemID]string{}, map[string][]catalog.ItemID{}, map[string]uint32{}}
	all := make([]recommend.Ordinal, v.Len())
	for o := range all {
		all[o] = recommend.Ordinal(o)
	}
	items, traits, found := make([]*catalog.Snapshot, len(all)), make([]*recommend.Traits, len(all)), make([]recommend.Ordinal, len(all))
	ids, numbers := make([]catalog.ItemID, len(all)), make([]catalog.Number, len(all))
	v.Items(all, items)
	v.Describe(all, traits)
	v.IDs(all, ids)
	into := make([]recommend.Ordinal, len(all)+1)
	shelf := func(name string, s recommend.Shelf) {
		on := make([]catalog.ItemID, v.Newest(s, 0, into))
		v.IDs(into[:len(on)], on)
		if len(on) > 0 {
			out.Shelves[name] = on
		}
	}
	shelf("all", recommend.Everything)
	names := func(f recommend.Field, terms []recommend.Term) (names []string) {
		for _, term := range terms {
			name := v.Name(f, term)
			back, carry := []recommend.Term{0}, []uint32{0}
			v.Terms(f, []string{name}, back)
			require.Equal(t, term, back[0])
			names = append(names, name)
			if term == 0 {
				continue
			}
			key := fmt.Sprint(f, " ", name)
			if _, known := out.Shelves[key]; known {
				continue
			}
			if v.Carriers(f, terms[:1], carry); f == recommend.WordField {
				v.Carriers(f, []recommend.Term{term}, carry)
				out.Counts[key] = carry[0]
			}
			shelf(key, recommend.Shelf{Field: f, Term: term})
		}
		return names
	}
	for i, r := range traits {
		require.Equal(t, ids[i], items[i].ID)
		numbers[i] = r.Number
		out.Items[ids[i]] = *items[i]
		out.Traits[ids[i]] = fmt.Sprint(r.Number, r.Published, r.Expires, r.Duration, r.State,
			names(recommend.AuthorField, []recommend.Term{r.Author}), names(recommend.LangField, []recommend.Term{r.Lang}),
			names(recommend.RegionField, []recommend.Term{r.Region}), names(recommend.TagField, r.Tags), names(recommend.WordField, r.Words), names(recommend.LabelField, r.Labels))
	}
	v.Locate(ids, found)
	require.Equal(t, all, found)
	v.LocateNumbers(numbers, found)
	require.Equal(t, all, found)
	return out
}

// drawItem is any state of one of a few items.
func drawItem(t *rapid.T, versions map[int]uint64, most int) catalog.Snapshot {
	n := rapid.IntRange(0, most).Draw(t, "item")
	versions[n] += uint64(rapid.IntRange(1, 3).Draw(t, "versions"))
	some := func(of string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom([]string{of + "a", of + "b", of + "c", of + "d"}), 0, 3, rapid.ID).Draw(t, of)
	}
	d := catalog.Details{
		Author: catalog.AuthorID(rapid.SampledFrom([]string{"", "ann", "bob", "tag-a"}).Draw(t, "author")),
		Title:  rapid.SampledFrom([]string{"", "The word and the word", "東京タワー", "ﬁne old word", "x1 y2 z3"}).Draw(t, "title"),
		Tags:   some("tag-"), Labels: some("label-"), Lang: rapid.SampledFrom([]string{"", "en", "de"}).Draw(t, "lang"),
		Region: rapid.SampledFrom([]string{"", "DE"}).Draw(t, "region"), Duration: time.Duration(rapid.IntRange(0, 9).Draw(t, "duration")) * time.Second,
		PublishedAt: noon.Add(time.Duration(rapid.IntRange(-5, 5).Draw(t, "published")) * time.Minute),
		ExpiresAt:   rapid.SampledFrom([]time.Time{{}, time.Unix(0, 0).UTC(), noon, noon.Add(time.Hour)}).Draw(t, "expires"),
	}
	if len(d.Tags) == 0 {
		d.Tags = nil
	}
	if len(d.Labels) == 0 {
		d.Labels = nil
	}
	if p := rapid.SampledFrom([]string{"", `{"a":1}`, `"ü"`}).Draw(t, "payload"); p != "" {
		d.Payload = []byte(p)
	}
	return catalog.Snapshot{ID: catalog.ItemID(fmt.Sprint("item-", n)), Number: catalog.Number(n*7%101 + 1), Version: versions[n], Details: d,
		State:     rapid.SampledFrom([]catalog.State{catalog.Published, catalog.Published, catalog.Published, catalog.Hidden, catalog.Removed}).Draw(t, "state"),
		ChangedAt: noon.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "changed")) * time.Second)}
}

func TestAnIndexFromASnapshotIsTheIndexThatNeverStopped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		versions, latest := map[int]uint64{}, map[catalog.ItemID]catalog.Snapshot{}
		never, now := memindex.New(), memindex.New()
		for range rapid.IntRange(1, 5).Draw(t, "lives") {
			for range rapid.IntRange(0, 4).Draw(t, "batches") {
				var batch []catalog.Snapshot
				for range rapid.IntRange(1, 30).Draw(t, "batch") {
					s := drawItem(t, versions, 60)
					batch = append(batch, s)
					latest[s.ID] = s
				}
				require.Equal(t, never.Apply(batch), now.Apply(batch))
			}
			file := onDisk(t, now)
			now = restored(t, file)
			require.Equal(t, file, onDisk(t, now), "what was written is written again")
			require.Equal(t, tell(t, never), tell(t, now))
		}
		var rows []catalog.Snapshot // as SQL has them
		for _, s := range latest {
			rows = append(rows, s)
		}
		slices.SortFunc(rows, func(a, b catalog.Snapshot) int { return int(a.Number) - int(b.Number) })
		fresh := memindex.New()
		fresh.Apply(rows)
		require.Equal(t, tell(t, fresh), tell(t, now))
		require.Equal(t, len(rows), loaded(t, memindex.New(), rows, 7))
		whole := memindex.New()
		loaded(t, whole, rows, 1+len(rows)/3)
		require.Equal(t, tell(t, fresh), tell(t, whole), "read as a whole, too")
		require.Zero(t, now.Apply(rows), "nothing of it is news")
	})
}

// loaded has an index load the rows in batches.
func loaded(t require.TestingT, x *memindex.Index, rows []catalog.Snapshot, batch int) int {
	n, err := x.Load(func() ([]catalog.Snapshot, error) {
		some := rows[:min(batch, len(rows))]
		rows = rows[len(some):]
		return some, nil
	})
	require.NoError(t, err)
	return n
}

func TestACatalogueIsLoadedAsItIsApplied(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		versions := map[int]uint64{}
		var rows []catalog.Snapshot
		for range rapid.IntRange(0, 80).Draw(t, "rows") {
			rows = append(rows, drawItem(t, versions, 30)) // items come several times
		}
		rows = rapid.Permutation(rows).Draw(t, "order")
		applied, whole := memindex.New(), memindex.New()
		applied.Apply(rows)
		loaded(t, whole, rows, rapid.IntRange(1, 30).Draw(t, "batch"))
		require.Equal(t, tell(t, applied), tell(t, whole))
		require.Equal(t, applied.Stats(), whole.Stats())
		var more []catalog.Snapshot
		for range rapid.IntRange(0, 40).Draw(t, "more") {
			more = append(more, drawItem(t, versions, 40))
		}
		require.Equal(t, applied.Apply(more), whole.Apply(more))
		require.Equal(t, tell(t, applied), tell(t, whole))
		require.Equal(t, tell(t, applied), tell(t, restored(t, onDisk(t, whole))))
	})
}

func TestALoadOntoWhatIsHeldAppliesIt(t *testing.T) {
	x := memindex.New()
	newer := snapshot(1, 9, noon)
	newer.Version = 5
	x.Apply([]catalog.Snapshot{newer})
	require.Equal(t, 8, loaded(t, x, []catalog.Snapshot{snapshot(0, 9, noon), snapshot(1, 9, noon), snapshot(2, 9, noon), snapshot(3, 9, noon),
		snapshot(4, 9, noon), snapshot(5, 9, noon), snapshot(6, 9, noon), snapshot(7, 9, noon), snapshot(8, 9, noon)}, 2))
	require.EqualValues(t, 8+5, x.View().Version())
}

func TestALoadThatFailsChangesNothing(t *testing.T) {
	x := memindex.New()
	broken := errors.New("broken")
	turn := 0
	_, err := x.Load(func() ([]catalog.Snapshot, error) {
		if turn++; turn == 3 {
			require.Equal(t, 4, x.Stats().Items, "one can watch it")
			return nil, broken
		}
		return []catalog.Snapshot{snapshot(2*turn, 9, noon), snapshot(2*turn+1, 9, noon)}, nil
	})
	require.ErrorIs(t, err, broken)
	require.Zero(t, x.View().Len())
	require.Zero(t, x.Stats().Items)
}

func TestALargeIndexFromASnapshotStaysInOrderThroughChanges(t *testing.T) {
	const n = 17_000 // shelves of three storeys
	never := fill(t, n, 1000, true)
	now := restored(t, onDisk(t, never))
	require.Equal(t, tell(t, never), tell(t, now))
	require.Equal(t, never.Stats().Live, now.Stats().Live)
	batch := make([]catalog.Snapshot, 0, 3000)
	for i := range 3000 {
		s := snapshot(i*11, n, noon.Add(time.Duration(i*7919%n)*time.Second))
		s.Version = 2
		if i%5 == 0 {
			s.State = catalog.Hidden
		}
		batch = append(batch, s)
	}
	old := now.View()
	before := tell(t, now)
	require.Equal(t, never.Apply(batch), now.Apply(batch))
	require.Equal(t, tell(t, never), tell(t, now))
	require.Equal(t, before.Version, old.Version())
	into := make([]recommend.Ordinal, n)
	require.Equal(t, n, old.Newest(recommend.Everything, 0, into), "a view never changes")
}

func TestWhatIsLearnedOverAnIndexFromASnapshotIsTheSame(t *testing.T) {
	const n = 400
	a := mixed(n, 3)
	b := restored(t, onDisk(t, a))
	log := deeds(3000, 20, n, 9)
	one, two := memindex.NewLearner(a, engagement.DefaultWeights(), memindex.Options{}), memindex.NewLearner(b, engagement.DefaultWeights(), memindex.Options{})
	one.Learn(log)
	two.Learn(log)
	require.True(t, bytes.Equal(saved(t, one), saved(t, two)))
	require.NoError(t, two.Restore(bytes.NewReader(saved(t, one))), "and what was learned over one is gone on from over the other")
}

func TestACommonWordHasNoShelfInASnapshotEither(t *testing.T) {
	never := fill(t, 5000, 1000, false) // every title has the words of "The title of the item number"
	now := restored(t, onDisk(t, never))
	require.Equal(t, tell(t, never), tell(t, now))
	v := now.View()
	term, carry := []recommend.Term{0}, []uint32{0}
	v.Terms(recommend.WordField, []string{"title"}, term)
	v.Carriers(recommend.WordField, term, carry)
	require.EqualValues(t, 5000, carry[0])
	require.Zero(t, v.Newest(recommend.Shelf{Field: recommend.WordField, Term: term[0]}, 0, make([]recommend.Ordinal, 10)))
}

func TestNamesThatNoItemHasAnyMoreAreNotWritten(t *testing.T) {
	x := memindex.New()
	s := snapshot(1, 10, noon)
	s.Details.Author, s.Details.Title = "somebody", "secretive"
	x.Apply([]catalog.Snapshot{s})
	require.Contains(t, string(onDisk(t, x)), "somebody")
	s.Version, s.Details.Author, s.Details.Title = 2, "other", ""
	x.Apply([]catalog.Snapshot{s})
	require.NotContains(t, string(onDisk(t, x)), "somebody")
	require.NotContains(t, string(onDisk(t, x)), "secretive")
}

func TestASnapshotTellsFirstWhatChangedLast(t *testing.T) {
	x := memindex.New()
	var batch []catalog.Snapshot
	for n := range 100 {
		s := snapshot(n, 100, noon)
		s.ChangedAt = noon.Add(time.Duration(n*37%100) * time.Second)
		batch = append(batch, s)
	}
	x.Apply(batch)
	var told []int
	broken := errors.New("broken")
	var b bytes.Buffer
	require.ErrorIs(t, x.Save(&b, func(last []catalog.Snapshot) error {
		for _, s := range last {
			require.Equal(t, batch[s.Number-1].ChangedAt, s.ChangedAt)
			require.Equal(t, batch[s.Number-1].ID, s.ID)
			told = append(told, int(s.ChangedAt.Sub(noon)/time.Second))
		}
		return broken
	}), broken)
	require.Zero(t, b.Len())
	require.Len(t, told, 33)
	for i := range 32 {
		require.Equal(t, 68+i, told[i])
	}
	require.Equal(t, 99*37%100, told[32], "the highest number")
}

func TestOnlyAnEmptyIndexTakesOverASnapshot(t *testing.T) {
	file := onDisk(t, fill(t, 3, 3, false))
	x := fill(t, 1, 1, false)
	require.Error(t, x.Restore(bytes.NewReader(file)))
	require.Equal(t, 1, x.View().Len())
	empty := restored(t, onDisk(t, memindex.New()))
	require.Zero(t, empty.View().Len())
	require.NoError(t, empty.Restore(bytes.NewReader(file)))
	require.Equal(t, 3, empty.View().Len())
}

func TestCountsThatWaitedFindTheirItems(t *testing.T) {
	x := memindex.New()
	x.SetCounts(map[catalog.ItemID]engagement.Counts{snapshot(2, 3, noon).ID: {Likes: 7}})
	require.NoError(t, x.Restore(bytes.NewReader(onDisk(t, fill(t, 3, 3, false)))))
	into := make([]engagement.Counts, 1)
	x.CountsOf([]catalog.ItemID{snapshot(2, 3, noon).ID}, into)
	require.EqualValues(t, 7, into[0].Likes)
}

// TestADamagedCatalogueIsRefused changes every byte of a small file, and cuts it everywhere.
func TestADamagedCatalogueIsRefused(t *testing.T) {
	file := onDisk(t, fill(t, 12, 5, true))
	refused := func(file []byte, why string) {
		x := memindex.New()
		require.ErrorIs(t, x.Restore(bytes.NewReader(file)), memindex.ErrCatalogueDamaged, why)
		require.Zero(t, x.View().Len())
		require.Equal(t, 1, x.Apply([]catalog.Snapshot{snapshot(1, 2, noon)}), "and the index is of use")
	}
	for i := range file {
		refused(file[:i], fmt.Sprint("cut at ", i))
		bad := slices.Clone(file)
		bad[i] ^= 0x11
		refused(bad, fmt.Sprint("byte ", i))
	}
	refused(append(slices.Clone(file), 0), "something follows")
	refused(nil, "nothing")
}

// mended gives every frame its right checksum, as far as their lengths go.
func mended(file []byte) []byte {
	file = slices.Clone(file)
	for at := 0; at+8 <= len(file); {
		n := int(binary.LittleEndian.Uint32(file[at:]))
		if n > len(file)-at-8 {
			break
		}
		binary.LittleEndian.PutUint32(file[at+4+n:], crc32.Checksum(file[at+4:at+4+n], crc32.MakeTable(crc32.Castagnoli)))
		at += 8 + n
	}
	return file
}

// FuzzCatalogue has the decoder read what a checksum does not guard.
func FuzzCatalogue(f *testing.F) {
	f.Add(onDisk(f, fill(f, 12, 5, true)))
	f.Add(onDisk(f, memindex.New()))
	f.Add([]byte{255, 255, 255, 63})
	f.Fuzz(func(t *testing.T, file []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		x := memindex.New()
		err := x.Restore(bytes.NewReader(mended(file)))
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<22+64*len(file)), "a length was believed")
		if err != nil {
			require.ErrorIs(t, err, memindex.ErrCatalogueDamaged)
			require.Zero(t, x.View().Len())
			return
		}
		tellAnyway(t, x)
	})
}

// tellAnyway asks for everything; numbers may repeat in what a fuzzer made.
func tellAnyway(t *testing.T, x *memindex.Index) {
	v := x.View()
	all := make([]recommend.Ordinal, v.Len())
	for o := range all {
		all[o] = recommend.Ordinal(o)
	}
	items, found, ids := make([]*catalog.Snapshot, len(all)), make([]recommend.Ordinal, len(all)), make([]catalog.ItemID, len(all))
	v.Items(all, items)
	v.IDs(all, ids)
	v.Locate(ids, found)
	require.Equal(t, all, found)
	for f := range recommend.NumFields {
		v.Newest(recommend.Shelf{Field: f, Term: 1}, 0, found)
	}
	for _, s := range items {
		s.Version++
		x.Apply([]catalog.Snapshot{*s})
	}
}
