package wire

import (
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
	"github.com/freshet/freshet/domain/fault"
)

// ParseEvent reads one event. When it fails, the event holds its id if that could be read.
func ParseEvent(data []byte) (engagement.Event, *fault.Error) {
	var e engagement.Event
	typed := false
	err := Object(data, func(name string, v Value) (err *fault.Error) {
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
			e.At, err = v.Time(name)
		case "session":
			e.Session, err = v.Text(name)
		case "context":
			e.Context, err = v.Text(name)
		case "watch_ms":
			e.Watched, err = v.Millis(name, engagement.MaxWatch, engagement.ErrWatch)
		case "duration_ms":
			e.Duration, err = v.Millis(name, engagement.MaxWatch, engagement.ErrWatch)
		case "auto_presented":
			e.AutoPresented, err = v.Flag(name)
		default:
			err = ErrUnknown.On(name).Saying("an event has no field %q", name)
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
	if err != nil {
		return 0, fault.Of(err)
	}
	return a, nil
}
