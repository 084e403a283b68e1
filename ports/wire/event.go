package wire

import (
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

// Event reads an event. When it fails, the event holds its id if that could be read.
func (v Value) Event() (engagement.Event, *fault.Error) {
	var (
		e     engagement.Event
		room  [400]byte
		texts = room[:0] // those of the event, as parts of one: each alone would be memory of its own
		at    [6][2]int  // from where to where each is
		typed = false
	)
	err := v.Object(func(name string, v Value) (err *fault.Error) {
		switch name {
		case "event_id":
			texts, at[0], err = appendText(texts, name, v)
		case "type":
			var s string
			if s, err = v.word(name); err == nil && !v.Null() {
				typed = true
				e.Act, err = act(s)
			}
		case "viewer":
			texts, at[1], err = appendText(texts, name, v)
		case "item":
			texts, at[2], err = appendText(texts, name, v)
		case "author":
			texts, at[3], err = appendText(texts, name, v)
		case "at":
			e.At, err = v.time(name)
		case "session":
			texts, at[4], err = appendText(texts, name, v)
		case "context":
			texts, at[5], err = appendText(texts, name, v)
		case "watch_ms":
			e.Watched, err = v.millis(name)
		case "duration_ms":
			e.Duration, err = v.millis(name)
		case "auto_presented":
			e.AutoPresented, err = v.flag(name)
		default:
			err = Unknown(name)
		}
		return err
	})
	all := string(texts)
	of := func(i int) string { return all[at[i][0]:at[i][1]] }
	e.ID, e.Viewer = engagement.EventID(of(0)), audience.ViewerID(of(1))
	e.Item, e.Author = catalog.ItemID(of(2)), catalog.AuthorID(of(3))
	e.Session, e.Context = of(4), of(5)
	if err == nil && !typed {
		err = engagement.ErrMissing.On("type")
	}
	return e, err
}

func act(name string) (audience.Act, *fault.Error) {
	a, err := audience.ParseAct(name)
	return a, fault.Of(err)
}

// appendText appends a text, and tells from where to where it is.
func appendText(b []byte, field string, v Value) ([]byte, [2]int, *fault.Error) {
	from := len(b)
	if inner, ok := v.plain(); ok {
		b = append(b, inner...)
	} else {
		s, err := v.Text(field)
		if err != nil {
			return b, [2]int{}, err
		}
		b = append(b, s...)
	}
	return b, [2]int{from, len(b)}, nil
}
