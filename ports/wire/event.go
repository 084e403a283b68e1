package wire

import (
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

// Event reads an event. When it fails, the event holds its id if that could be read.
func (v Value) Event() (engagement.Event, *fault.Error) {
	var e engagement.Event
	typed := false
	err := v.Object(func(name string, v Value) (err *fault.Error) {
		var s string
		switch name {
		case "event_id":
			s, err = v.Text(name)
			e.ID = engagement.EventID(s)
		case "type":
			if s, err = v.Text(name); err == nil && !v.Null() {
				typed = true
				e.Act, err = act(s)
			}
		case "viewer":
			s, err = v.Text(name)
			e.Viewer = audience.ViewerID(s)
		case "item":
			s, err = v.Text(name)
			e.Item = catalog.ItemID(s)
		case "author":
			s, err = v.Text(name)
			e.Author = catalog.AuthorID(s)
		case "at":
			e.At, err = v.time(name)
		case "session":
			e.Session, err = v.Text(name)
		case "context":
			e.Context, err = v.Text(name)
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
	if err == nil && !typed {
		err = engagement.ErrMissing.On("type")
	}
	return e, err
}

func act(name string) (audience.Act, *fault.Error) {
	a, err := audience.ParseAct(name)
	return a, fault.Of(err)
}
