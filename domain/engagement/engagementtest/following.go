package engagementtest

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

// Followed is an empty store of viewers with two that count followers, such as two instances of the fleet have.
type Followed struct {
	Viewers audience.ViewerRepository
	A, B    engagement.Following
	Erase   func(ctx context.Context, viewer audience.ViewerID) error // takes everything of the viewer away
}

// Following runs the contract of engagement.Following.
func Following(t *testing.T, open func(t *testing.T) Followed) {
	for name, clause := range map[string]func(*testing.T, Followed){
		"a follower counts once however often they follow":       followOnce,
		"back and forth in one change counts as what it came to": backAndForth,
		"blocking ends following, muting does not":               blockingEnds,
		"who is erased follows nobody":                           erasedFollowNobody,
		"a change that failed counts nothing":                    failedChange,
		"two that count at once count everything once":           countAtOnce,
		"changed hands over every number and then nothing":       changedAuthors,
	} {
		t.Run(name, func(t *testing.T) { clause(t, open(t)) })
	}
}

func decide(t *testing.T, f Followed, viewer audience.ViewerID, do func(v *audience.Viewer) error) {
	t.Helper()
	ok(t, f.Viewers.Update(t.Context(), viewer, do))
}

func following(a catalog.AuthorID) func(v *audience.Viewer) error {
	return func(v *audience.Viewer) error { return v.Follow(a, noon) }
}

func leaving(a catalog.AuthorID) func(v *audience.Viewer) error {
	return func(v *audience.Viewer) error { v.Drop(audience.Follows, a, noon); return nil }
}

func followersAre(t *testing.T, f Followed, want map[catalog.AuthorID]int64) {
	t.Helper()
	for n := 1; n > 0; {
		var err error
		n, err = f.A.Advance(t.Context(), 3)
		ok(t, err)
	}
	got, err := f.B.Followers(t.Context(), []catalog.AuthorID{"a", "b", "A", "nobody"})
	ok(t, err)
	same(t, got, want)
}

func followOnce(t *testing.T, f Followed) {
	for _, v := range []audience.ViewerID{"v", "v", "w", "V"} {
		decide(t, f, v, following("a"))
	}
	decide(t, f, "v", following("b"))
	followersAre(t, f, map[catalog.AuthorID]int64{"a": 3, "b": 1})
	decide(t, f, "v", leaving("a"))
	decide(t, f, "v", leaving("a"))
	decide(t, f, "x", leaving("a"))
	decide(t, f, "v", leaving("b"))
	followersAre(t, f, map[catalog.AuthorID]int64{"a": 2})
}

func backAndForth(t *testing.T, f Followed) {
	decide(t, f, "v", func(v *audience.Viewer) error {
		_ = v.Follow("a", noon)
		v.Drop(audience.Follows, "a", noon)
		_ = v.Follow("b", noon)
		v.Drop(audience.Follows, "b", noon)
		return v.Follow("b", noon)
	})
	decide(t, f, "v", func(v *audience.Viewer) error { v.Drop(audience.Follows, "b", noon); return v.Follow("b", noon) })
	followersAre(t, f, map[catalog.AuthorID]int64{"b": 1})
}

func blockingEnds(t *testing.T, f Followed) {
	decide(t, f, "v", following("a"))
	decide(t, f, "v", following("b"))
	decide(t, f, "v", func(v *audience.Viewer) error { return v.Mute("a", noon) })
	decide(t, f, "v", func(v *audience.Viewer) error { return v.Block("b", noon) })
	decide(t, f, "w", func(v *audience.Viewer) error { return v.Block("a", noon) })
	followersAre(t, f, map[catalog.AuthorID]int64{"a": 1})
	decide(t, f, "v", following("b"))
	followersAre(t, f, map[catalog.AuthorID]int64{"a": 1, "b": 1})
}

func erasedFollowNobody(t *testing.T, f Followed) {
	decide(t, f, "v", following("a"))
	decide(t, f, "w", following("a"))
	followersAre(t, f, map[catalog.AuthorID]int64{"a": 2})
	decide(t, f, "v", following("b")) // and is not counted before
	ok(t, f.Erase(t.Context(), "v"))
	ok(t, f.Erase(t.Context(), "v"))
	followersAre(t, f, map[catalog.AuthorID]int64{"a": 1})
	decide(t, f, "v", following("b"))
	followersAre(t, f, map[catalog.AuthorID]int64{"a": 1, "b": 1})
}

func failedChange(t *testing.T, f Followed) {
	err := f.Viewers.Update(t.Context(), "v", func(v *audience.Viewer) error {
		_ = v.Follow("a", noon)
		return audience.ErrTooManyFollows
	})
	if err == nil {
		t.Fatal("the change did not fail")
	}
	followersAre(t, f, map[catalog.AuthorID]int64{})
}

func countAtOnce(t *testing.T, f Followed) {
	var applied, decided atomic.Int64
	want := make([]map[catalog.AuthorID]int64, 2)
	together(4, func(who int) {
		if who < 2 { // two instances take what viewers decide
			defer decided.Add(1)
			r := rand.New(rand.NewPCG(uint64(who), 9))
			stands := map[string]bool{}
			want[who] = map[catalog.AuthorID]int64{}
			for range 120 {
				viewer, author, on := fmt.Sprint("v", who, "-", r.IntN(5)), catalog.AuthorID(fmt.Sprint("a", r.IntN(3))), r.IntN(3) > 0
				do := leaving(author)
				if on {
					do = following(author)
				}
				if err := f.Viewers.Update(t.Context(), audience.ViewerID(viewer), do); err != nil {
					t.Error(err)
					return
				}
				stands[viewer+"/"+string(author)] = on
			}
			for key, on := range stands {
				if on {
					want[who][catalog.AuthorID(key[len(key)-2:])]++
				}
			}
			return
		}
		follows := []engagement.Following{f.A, f.B}[who-2]
		for {
			last := decided.Load() == 2
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			n, err := follows.Advance(ctx, 7)
			cancel()
			if err != nil {
				t.Error(err)
				return
			}
			if applied.Add(int64(n)); last && n == 0 {
				return
			}
		}
	})
	for author, n := range want[1] {
		want[0][author] += n
	}
	got, err := f.A.Followers(t.Context(), []catalog.AuthorID{"a0", "a1", "a2"})
	ok(t, err)
	same(t, got, want[0])
}

func changedAuthors(t *testing.T, f Followed) {
	for _, author := range []catalog.AuthorID{"a", "b.2", "c", "é😀"} {
		decide(t, f, "v", following(author))
	}
	_, err := f.A.Advance(t.Context(), 10)
	ok(t, err)
	got, cursor := map[catalog.AuthorID]int64{}, ""
	for _, want := range []int{3, 1, 0, 0} {
		some, next, err := f.B.Changed(t.Context(), cursor, 3)
		ok(t, err)
		if len(some) != want {
			t.Fatalf("%d changes, not %d", len(some), want)
		}
		maps.Copy(got, some)
		cursor = next
	}
	same(t, got, map[catalog.AuthorID]int64{"a": 1, "b.2": 1, "c": 1, "é😀": 1})
	decide(t, f, "v", leaving("c"))
	_, err = f.A.Advance(t.Context(), 10)
	ok(t, err)
	some, _, err := f.B.Changed(t.Context(), cursor, 3)
	ok(t, err)
	same(t, some, map[catalog.AuthorID]int64{"c": 0})
}
