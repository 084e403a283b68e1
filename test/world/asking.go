package world

import (
	"context"
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/application/serving"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/engagement"
)

// Stock publishes the items 1 to n, the first the newest, by ten authors with five tags in turn.
func (p *Process) Stock(n int) {
	p.t.Helper()
	drafts := make([]publishing.Draft, n)
	for i := range drafts {
		drafts[i] = publishing.Draft{ID: ItemID(i + 1), Details: catalog.Details{
			Author: AuthorOf(i + 1), Tags: []string{TagOf(i + 1)}, Title: fmt.Sprintf("Item %d", i+1),
			PublishedAt: p.w.Clock.Now().Add(-time.Duration(i+1) * time.Minute), Duration: time.Minute,
		}}
	}
	outcomes, err := p.Items.PutAll(context.Background(), drafts)
	require.NoError(p.t, err)
	for _, o := range outcomes {
		require.Equal(p.t, publishing.Created, o.Status, "%v", o.Err)
	}
}

// Page asks for ten items of for-you.
func (p *Process) Page(viewer audience.ViewerID, cursor string) serving.Answer {
	p.t.Helper()
	a, err := p.Ask(viewer, cursor)
	require.NoError(p.t, err)
	return a
}

// Ask is Page for where it may fail, and for goroutines of the test.
func (p *Process) Ask(viewer audience.ViewerID, cursor string) (serving.Answer, error) {
	return p.Pages.Serve(context.Background(), serving.Request{Feed: "for-you", Viewer: viewer, Size: 10, Cursor: cursor})
}

// Did makes an event of the viewer on an item, now.
func (p *Process) Did(viewer audience.ViewerID, act audience.Act, item catalog.ItemID) engagement.Event {
	p.count++
	return engagement.Event{
		ID: engagement.EventID(fmt.Sprintf("%s-%d", viewer, p.count)), Viewer: viewer, Act: act, Item: item, At: p.w.Clock.Now(),
	}
}

// Record reports the events and expects all of them to be new.
func (p *Process) Record(events ...engagement.Event) {
	p.t.Helper()
	outcomes, err := p.Events.Record(context.Background(), events)
	require.NoError(p.t, err)
	for _, o := range outcomes {
		require.Equal(p.t, observing.Accepted, o.Status, "%v", o.Err)
	}
}

// IDs are the items of an answer, in order.
func IDs(a serving.Answer) []catalog.ItemID {
	ids := make([]catalog.ItemID, len(a.Items))
	for i := range a.Items {
		ids[i] = a.Items[i].Item
	}
	return ids
}
