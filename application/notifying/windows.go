package notifying

import (
	"cmp"
	"slices"
	"time"

	"github.com/freshet/freshet/domain/engagement"
)

// Rule says how events become tasks.
type Rule struct {
	Window  time.Duration // a subject has at most one task in it
	Current time.Duration // a subject's first event that is younger than that makes a task at once
	Most    int           // so many subjects have a window at a time
}

// Windows merges events into tasks. It is not safe for concurrent use.
//
// A subject's first event opens a window. What comes in it is one task at its end. If the first event is current, it is due at once
// (with whatever else is added before Due is asked), and the window holds back the next.
type Windows struct {
	rule Rule
	open map[Subject]*window
}

// window is open until due. Without events it then ends, else it becomes a task.
type window struct {
	task  Task
	first engagement.Offset // of the task's events
	due   time.Time
}

// NewWindows has none open.
func NewWindows(r Rule) *Windows { return &Windows{r, make(map[Subject]*window)} }

// Add takes in one event of the subject; those of one subject come in the order of their offsets. It answers false, and takes
// nothing in, when as many windows are open as may be and none of them is the subject's.
func (w *Windows) Add(s Subject, at engagement.Offset, received, now time.Time) bool {
	o := w.open[s]
	if o == nil {
		if len(w.open) >= w.rule.Most {
			return false
		}
		o = &window{due: now}
		if now.Sub(received) >= w.rule.Current {
			o.due = now.Add(w.rule.Window)
		}
		w.open[s] = o
	}
	if o.task.Events == 0 {
		o.task = Task{Subject: s, Since: received, At: received}
		o.first = at
	}
	o.task.Events++
	o.task.UpTo = at
	if received.Before(o.task.Since) {
		o.task.Since = received
	}
	if received.After(o.task.At) {
		o.task.At = received
	}
	return true
}

// Room is how many subjects more may have a window.
func (w *Windows) Room() int { return w.rule.Most - len(w.open) }

// Open is how many subjects have a window.
func (w *Windows) Open() int { return len(w.open) }

// Due ends the windows that are over, and returns up to limit of the tasks that are due, those of older events first. Each is due
// again until it is told Begun or Later.
func (w *Windows) Due(now time.Time, limit int) []Task {
	var due []*window
	for s, o := range w.open {
		switch {
		case now.Before(o.due):
		case o.task.Events == 0:
			delete(w.open, s)
		default:
			due = append(due, o)
		}
	}
	slices.SortFunc(due, func(a, b *window) int { return cmp.Compare(a.first, b.first) })
	tasks := make([]Task, min(limit, len(due)))
	for i := range tasks {
		tasks[i] = due[i].task
	}
	return tasks
}

// Begun is for a task that Due returned and that is on its way: what comes from now on waits for the end of the next window.
func (w *Windows) Begun(t Task, now time.Time) {
	o := w.open[t.Subject]
	if o == nil {
		return
	}
	o.due = now.Add(w.rule.Window)
	if o.task.UpTo == t.UpTo {
		o.task = Task{}
		return
	}
	o.task.Events -= t.Events
	o.first = t.UpTo + 1
}

// Later is for a task that Due returned and that could not be begun: it is due again then, with what comes until then.
func (w *Windows) Later(t Task, due time.Time) {
	if o := w.open[t.Subject]; o != nil {
		o.due = due
	}
}

// Forget drops the subject's window and what is in it.
func (w *Windows) Forget(s Subject) { delete(w.open, s) }

// Low is the offset of the oldest event that waits in a window; none waits: false.
func (w *Windows) Low() (low engagement.Offset, any bool) {
	for _, o := range w.open {
		if o.task.Events > 0 && (!any || o.first < low) {
			low, any = o.first, true
		}
	}
	return low, any
}
