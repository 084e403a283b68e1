package notifying

import (
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/recommend"
)

// authors are those meant by the events: whom they name, else whose the item is, as far as the index holds it.
func (t *Trigger) authors(events []engagement.Logged) []catalog.AuthorID {
	authors := make([]catalog.AuthorID, len(events))
	if len(t.interest.Author) == 0 || len(events) == 0 {
		return authors
	}
	ids, at, items := make([]catalog.ItemID, len(events)), make([]recommend.Ordinal, len(events)), make([]*catalog.Snapshot, len(events))
	for i := range events {
		ids[i] = events[i].Item
	}
	view := t.index.View()
	view.Locate(ids, at)
	view.Items(at, items)
	for i := range events {
		authors[i] = events[i].Author
		if authors[i] == "" && items[i] != nil {
			authors[i] = items[i].Details.Author
		}
	}
	return authors
}
