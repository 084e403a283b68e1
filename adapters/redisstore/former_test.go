package redisstore_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/redisstore"
	"github.com/freshet/freshet/domain/audience"
)

// former does to a viewer's keys what the version before this form did.
type former struct {
	t *testing.T
	c *redisstore.Client
}

func (f former) do(args ...any) any {
	f.t.Helper()
	got, err := f.c.Do(f.t.Context(), args...).Result()
	require.NoError(f.t, err)
	return got
}

func (f former) key(kind string, v audience.ViewerID) string { return f.c.FormerKey(kind, v) }

func (f former) held(v audience.ViewerID) bool {
	return f.do("HEXISTS", f.key("will", v), "!") == int64(1)
}

func (f former) fill(v audience.ViewerID) {
	f.do("DEL", f.key("token", v), f.key("will", v), f.key("acts", v), f.key("served", v), f.key("seen", v), f.key("consumed", v))
	f.do("HSET", f.key("will", v), "!", "1", "t2a", "1700000000000")
	f.do("HSET", f.key("acts", v), "i\x00\x00"+"7@1700000000000", "1700000000000 7 0 0")
	for _, kind := range []string{"served", "seen", "consumed"} {
		f.do("APPEND", f.key(kind, v), "\x00\x00\x00\x00\x00\x00\x00\x01\x70\x00\x00\x00")
	}
}

func (f former) note(v audience.ViewerID) {
	f.do("DEL", f.key("token", v))
	if f.held(v) {
		f.do("HSET", f.key("acts", v), "j\x00\x00"+"7@1700000000001", "1700000000001 7 0 0")
	}
}

func onFormer(t *testing.T, test func(t *testing.T, f former, r *redisstore.Remembrance)) {
	onEach(t, func(t *testing.T, opts redisstore.Options) {
		c := connect(t, opts)
		test(t, former{t, c}, redisstore.NewRemembrance(c))
	})
}

func fill(t *testing.T, r *redisstore.Remembrance, v audience.ViewerID, actions ...audience.Action) {
	t.Helper()
	version, err := r.Version(t.Context(), v)
	require.NoError(t, err)
	require.NoError(t, r.Restore(t.Context(), v, version, audience.Knowledge{Actions: actions}))
}

func isKnown(t *testing.T, r *redisstore.Remembrance, v audience.ViewerID) bool {
	t.Helper()
	k, known, err := r.Recall(t.Context(), v)
	require.NoError(t, err)
	if !known {
		require.Empty(t, k.Actions)
		require.Empty(t, k.Memory)
		require.Empty(t, k.Viewer.Ties(audience.Mutes))
	}
	return known
}

func TestACopyInTheFormerFormIsNotHeld(t *testing.T) {
	onFormer(t, func(t *testing.T, f former, r *redisstore.Remembrance) {
		f.fill("v")
		require.False(t, isKnown(t, r, "v"))
		like := audience.Action{Item: "k", Act: audience.Like, At: time.UnixMilli(1700000000002).UTC()}
		fill(t, r, "v", like)
		k, known, err := r.Recall(t.Context(), "v")
		require.NoError(t, err)
		require.True(t, known)
		require.Equal(t, []audience.Action{like}, k.Actions)
		require.Empty(t, k.Memory)
	})
}

func TestWhatAnInstanceWithTheFormerFormRecordsIsNotMissed(t *testing.T) {
	onFormer(t, func(t *testing.T, f former, r *redisstore.Remembrance) {
		for _, both := range []bool{false, true} {
			if both {
				f.fill("v")
			}
			fill(t, r, "v")
			require.True(t, isKnown(t, r, "v"))
			f.note("v")
			require.False(t, isKnown(t, r, "v"), "it is filled anew, from records that have it")

			fill(t, r, "v")
			f.fill("v") // for it takes the place of the token
			require.False(t, isKnown(t, r, "v"))
		}
	})
}

func TestWhatIsRecordedHereIsNotMissedByAnInstanceWithTheFormerForm(t *testing.T) {
	onFormer(t, func(t *testing.T, f former, r *redisstore.Remembrance) {
		at := time.Now()
		like := audience.Action{Item: "k", Act: audience.Like, At: at}
		mute := audience.Tie{Relation: audience.Mutes, Author: "b", At: at}
		for name, record := range map[string]func() error{
			"note":   func() error { return r.Note(t.Context(), []audience.Note{{Viewer: "v", Action: &like}}) },
			"decide": func() error { return r.Decide(t.Context(), "v", []audience.Change{{Tie: &mute}}) },
			"forget": func() error { return r.Forget(t.Context(), "v") },
		} {
			for _, held := range []bool{false, true} {
				f.fill("v")
				if held {
					fill(t, r, "v")
				}
				require.True(t, f.held("v"))
				require.NoError(t, record())
				require.False(t, f.held("v"), name)
			}
		}
	})
}

func TestErasingAViewerTakesTheFormerFormAlong(t *testing.T) {
	onFormer(t, func(t *testing.T, f former, r *redisstore.Remembrance) {
		f.fill("v")
		receipt, err := redisstore.NewEraser(f.c).Erase(t.Context(), "v")
		require.NoError(t, err)
		for i, kind := range []string{"decisions", "actions", "served", "seen", "consumed"} {
			require.Equal(t, kind, receipt[i].What)
			require.EqualValues(t, 1, receipt[i].Count, kind)
		}
		keys, err := f.c.KeysOf(t.Context(), "v")
		require.NoError(t, err)
		require.Empty(t, keys)
	})
}

func TestACopyThatLostAPartOrCannotBeReadIsNotHeld(t *testing.T) {
	onFormer(t, func(t *testing.T, f former, r *redisstore.Remembrance) {
		like := audience.Action{Item: "k", Act: audience.Like, At: time.Now()}
		for _, harm := range []func(){
			func() { f.do("DEL", f.key("token", "v")) },
			func() { f.do("DEL", f.key("will.2", "v")) },
			func() { f.do("DEL", f.key("past.2", "v")) },
			func() { f.do("SET", f.key("token", "v"), strconv.Itoa(5)) },
			func() { f.do("SET", f.key("past.2", "v"), "torn") },
			func() { f.do("SET", f.key("served.2", "v"), "torn") },
		} {
			fill(t, r, "v", like)
			require.True(t, isKnown(t, r, "v"))
			harm()
			require.False(t, isKnown(t, r, "v"))
		}
		fill(t, r, "v", like)
		require.True(t, isKnown(t, r, "v"))
	})
}
