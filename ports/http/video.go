package http

import (
	"hash/fnv"

	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/ports/wire"
)

// video is an item as the short-video contract shows it.
type video struct {
	id                   int64
	author               catalog.AuthorID
	title                string
	play, cover          string
	favorites, comments  int64
	followers            int64 // of the author
	isFavorite, isFollow bool
}

func videoOf(it *serving.Shown) video {
	v := video{
		id: int64(it.Number), author: it.Details.Details.Author, title: it.Details.Details.Title,
		favorites: it.Counts.Likes + it.Counts.Favorites, comments: it.Counts.Comments,
	}
	// Whatever else the payload holds is its owner's business.
	if payload, err := wire.Parse(it.Details.Details.Payload, 1); err == nil {
		v.play, _ = payload.Get("play_url").Text("")
		v.cover, _ = payload.Get("cover_url").Text("")
	}
	return v
}

// authorNumber gives an author a number that never changes, below 2^53; 0 is nobody.
func authorNumber(a catalog.AuthorID) int64 {
	if a == "" {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(a))
	return max(1, int64(h.Sum64()>>11))
}

// writeVideo writes every field of the contract, zeros included.
func writeVideo(w *jsonText, v *video) {
	w.open('{')
	w.number("id", v.id)
	w.openIn("author", '{')
	w.number("id", authorNumber(v.author))
	w.text("name", string(v.author))
	w.number("follow_count", 0)
	w.number("follower_count", v.followers)
	w.truth("is_follow", v.isFollow)
	w.text("avatar", "")
	w.text("background_image", "")
	w.text("signature", "")
	w.number("total_favorited", 0)
	w.number("work_count", 0)
	w.number("favorite_count", 0)
	w.close('}')
	w.text("play_url", v.play)
	w.text("cover_url", v.cover)
	w.number("favorite_count", v.favorites)
	w.number("comment_count", v.comments)
	w.truth("is_favorite", v.isFavorite)
	w.text("title", v.title)
	w.close('}')
}
