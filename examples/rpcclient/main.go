// Command rpcclient is what another CloudWeGo service writes to use Freshet: it knows the generated client
// and Kitex, and nothing else.
//
// Start Freshet, then run it from the repository's root:
//
//	go run ./cmd/freshet demo
//	go run ./examples/rpcclient -addr 127.0.0.1:9090
//
// It publishes two items, asks for a page of the feed for-you, reports that the first item was liked, and
// asks for the next page. A service of its own copies idl/freshet.thrift and generates the client by
//
//	kitex -module example.com/yours idl/freshet.thrift
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/connpool"
	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/transport"

	thrift "github.com/freshet/freshet/idl/gen/freshet"
	"github.com/freshet/freshet/idl/gen/freshet/freshet"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:9090", "where Freshet answers RPC")
	viewer := flag.String("viewer", "viewer-1", "who watches")
	flag.Parse()

	cl, err := connect(*addr)
	if err == nil {
		err = watch(context.Background(), cl, *viewer)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, explain(err))
		os.Exit(1)
	}
}

// connect makes a client, to be kept for the life of the process. TTHeader with its meta handler carries
// errors, request ids and timeouts in headers.
func connect(addr string) (freshet.Client, error) {
	return freshet.NewClient("freshet",
		client.WithHostPorts(addr),
		client.WithTransportProtocol(transport.TTHeaderFramed),
		client.WithMetaHandler(transmeta.ClientTTHeaderHandler),
		client.WithLongConnection(connpool.IdleConfig{MaxIdlePerAddress: 16, MaxIdleGlobal: 64, MaxIdleTimeout: time.Minute}),
		client.WithConnectTimeout(500*time.Millisecond),
		client.WithRPCTimeout(2*time.Second),
	)
}

func watch(ctx context.Context, cl freshet.Client, viewer string) error {
	put, err := cl.PutItems(ctx, &thrift.PutItemsRequest{Items: []*thrift.Item{
		{Id: "example-1", Author: "ada", Title: "A first item", Tags: []string{"example"}, Payload: []byte(`{"url":"https://example.com/1"}`)},
		{Id: "example-2", Author: "bob", Title: "A second item", Tags: []string{"example"}},
	}})
	if err != nil {
		return err
	}
	for _, r := range put.Results {
		fmt.Printf("item %s: %s %s %s\n", r.Id, r.Status, r.Error, r.Field)
	}

	limit := int32(5)
	request := &thrift.GetFeedRequest{Feed: "for-you", Viewer: viewer, Limit: &limit, Explain: thrift.Explain_USER}
	page, err := cl.GetFeed(ctx, request)
	if err != nil {
		return err
	}
	show(page)
	if len(page.Items) == 0 {
		return nil
	}

	first := page.Items[0]
	recorded, err := cl.RecordEvents(ctx, &thrift.RecordEventsRequest{Events: []*thrift.Event{{
		// The id is the same on every retry, so that nothing counts twice.
		EventId: fmt.Sprintf("%s.%s.like", page.Session, first.Id), Type: "like", Viewer: viewer, Item: first.Id,
		At: time.Now().UnixMilli(), Session: page.Session, Context: first.Context,
	}}})
	if err != nil {
		return err
	}
	for _, r := range recorded.Results {
		fmt.Printf("event %s: %s %s %s\n", r.EventId, r.Status, r.Error, r.Field)
	}

	if page.Cursor == "" {
		fmt.Println("that was the last page")
		return nil
	}
	request.Cursor = page.Cursor
	if page, err = cl.GetFeed(ctx, request); err != nil {
		return err
	}
	show(page)
	return nil
}

func show(p *thrift.Page) {
	fmt.Printf("page %d of session %s (%s)\n", p.Page, p.Session, p.Rung)
	for _, it := range p.Items {
		fmt.Printf("  %3d  %-20s by %-12s because %s %s\n", it.Position, it.Id, it.Author, it.Reason.Source, it.Reason.Because)
	}
}

// explain tells a refusal, which the caller can act on, from a call that may or may not have happened.
func explain(err error) string {
	if biz, ok := kerrors.FromBizStatusError(err); ok {
		return fmt.Sprintf("refused: %d %s: %s", biz.BizStatusCode(), biz.BizExtra()["error"], biz.BizMessage())
	}
	var failure *thrift.Failure // what a client without the meta handler gets
	if errors.As(err, &failure) {
		return fmt.Sprintf("refused: %d %s: %s", failure.Code, failure.Key, failure.Message)
	}
	return "not answered: " + err.Error()
}
