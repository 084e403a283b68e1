package audience

import "github.com/freshet/freshet/domain/fault"

// ErrAct refuses an event type that does not exist.
var ErrAct = fault.New(fault.Invalid, "unknown_type", "there is no such event type")

// Act is a kind of thing a viewer does. The numbers are stored; never reorder them.
type Act uint8

// The acts.
const (
	Seen Act = iota + 1
	Open
	PlayStart
	PlayProgress
	PlayComplete
	Skip
	Like
	Unlike
	Favorite
	Unfavorite
	Comment
	Share
	FollowAuthor
	UnfollowAuthor
	ProfileClick
	MoreLikeThis
	NotInterested
	MuteAuthor
	UnmuteAuthor
	BlockAuthor
	Report
)

var actNames = [...]string{
	Seen: "seen", Open: "open", PlayStart: "play_start", PlayProgress: "play_progress", PlayComplete: "play_complete",
	Skip: "skip", Like: "like", Unlike: "unlike", Favorite: "favorite", Unfavorite: "unfavorite", Comment: "comment",
	Share: "share", FollowAuthor: "follow_author", UnfollowAuthor: "unfollow_author", ProfileClick: "profile_click",
	MoreLikeThis: "more_like_this", NotInterested: "not_interested", MuteAuthor: "mute_author",
	UnmuteAuthor: "unmute_author", BlockAuthor: "block_author", Report: "report",
}

var actsByName = func() map[string]Act {
	m := make(map[string]Act, len(actNames))
	for a, name := range actNames {
		if name != "" {
			m[name] = Act(a)
		}
	}
	return m
}()

// Acts lists every act.
func Acts() []Act {
	acts := make([]Act, 0, len(actNames)-1)
	for a := Seen; int(a) < len(actNames); a++ {
		acts = append(acts, a)
	}
	return acts
}

// ParseAct fails with ErrAct.
func ParseAct(name string) (Act, error) {
	if a, ok := actsByName[name]; ok {
		return a, nil
	}
	return 0, ErrAct.On("type").Saying("there is no event type %.40q", name)
}

// String returns the act as clients spell it.
func (a Act) String() string {
	if int(a) < len(actNames) {
		return actNames[a]
	}
	return ""
}

// OnAuthor reports whether the act is done to an author and may name one without an item.
func (a Act) OnAuthor() bool {
	switch a {
	case FollowAuthor, UnfollowAuthor, MuteAuthor, UnmuteAuthor, BlockAuthor, ProfileClick, Report:
		return true
	}
	return false
}

// OnItem reports whether the act is done to an item and must name one.
func (a Act) OnItem() bool { return !a.OnAuthor() }
