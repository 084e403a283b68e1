package audience_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/fault"
)

// names are all event types; a type's place is the number it is stored by.
var names = []string{
	1: "seen", "open", "play_start", "play_progress", "play_complete", "skip", "like", "unlike", "favorite", "unfavorite",
	"comment", "share", "follow_author", "unfollow_author", "profile_click", "more_like_this", "not_interested",
	"mute_author", "unmute_author", "block_author", "report",
}

func TestActsKeepTheirNamesAndNumbers(t *testing.T) {
	require.Len(t, audience.Acts(), len(names)-1)
	for i, act := range audience.Acts() {
		require.Equal(t, audience.Act(i+1), act)
		require.Equal(t, names[act], act.String())
		parsed, err := audience.ParseAct(names[act])
		require.NoError(t, err)
		require.Equal(t, act, parsed)
	}
}

func TestWhatIsNoAct(t *testing.T) {
	for _, act := range []audience.Act{0, audience.Report + 1, 255} {
		require.Empty(t, act.String())
	}
	for _, name := range []string{"", "Seen", "seen ", "like\x00", "likes", "1"} {
		_, err := audience.ParseAct(name)
		require.ErrorIs(t, err, audience.ErrAct, "%q", name)
		require.Equal(t, "type", fault.Of(err).Field())
	}
}

func TestAnActIsDoneToAnItemOrToAnAuthor(t *testing.T) {
	toAuthors := []audience.Act{
		audience.FollowAuthor, audience.UnfollowAuthor, audience.ProfileClick, audience.MuteAuthor, audience.UnmuteAuthor,
		audience.BlockAuthor, audience.Report,
	}
	for _, act := range audience.Acts() {
		require.Equal(t, act.OnAuthor(), !act.OnItem(), act.String())
		if act.OnAuthor() {
			require.Contains(t, toAuthors, act)
		} else {
			require.NotContains(t, toAuthors, act, act.String())
		}
	}
}
