package load

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/bytedance/sonic"
	hertz "github.com/cloudwego/hertz/pkg/app/client"
	"github.com/cloudwego/hertz/pkg/network/netpoll"
	"github.com/cloudwego/hertz/pkg/protocol"
	"github.com/stretchr/testify/require"
)

// canned answers every request with a page of 20 items, at the least cost there is.
func canned(b *testing.B) (addr string, text []byte) {
	var items []string
	for i := range 20 {
		items = append(items, fmt.Sprintf(`{"id":"item-%d","author":"author-%d","title":"%s","tags":["one","two"],"payload":{"url":"%s"},"position":%d,"context":"s.1.%d","counts":{"likes":1,"favorites":2,"comments":3,"shares":4,"plays":5},"reason":{"source":"similar"}}`,
			i, i, strings.Repeat("t", 40), strings.Repeat("u", 80), i+1, i+1))
	}
	text = fmt.Appendf(nil, `{"session":"s","page":1,"items":[%s],"cursor":"c","rung":"full","request_id":"r"}`, strings.Join(items, ","))
	answer := append(fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", len(text)), text...)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	b.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for r := bufio.NewReader(c); ; {
					line, err := r.ReadSlice('\n')
					if err != nil {
						return
					}
					if len(line) == 2 {
						if _, err := c.Write(answer); err != nil {
							return
						}
					}
				}
			}()
		}
	}()
	return ln.Addr().String(), text
}

// BenchmarkClients compares what asking costs, one request at a time, the answering the same for all: cpu-µs/op is of
// the process. The last ones are ways that were not taken.
func BenchmarkClients(b *testing.B) {
	addr, _ := canned(b)
	o := Defaults(Closed)
	measured := func(name string, ask func() error) {
		b.Run(name, func(b *testing.B) {
			require.NoError(b, ask())
			before, err := usageOf(os.Getpid())
			require.NoError(b, err)
			for b.Loop() {
				if err := ask(); err != nil {
					b.Fatal(err)
				}
			}
			after, _ := usageOf(os.Getpid())
			b.ReportMetric(float64((after.user+after.system-before.user-before.system).Microseconds())/float64(b.N), "cpu-µs/op")
		})
	}
	door, err := newHTTPDoor("http://"+addr, &o)
	require.NoError(b, err)
	s, p := &session{viewer: "load-1"}, &page{}
	measured("page", func() error { return door.page(context.Background(), s, p) })

	req := protocol.AcquireRequest()
	req.SetRequestURI("http://" + addr + "/")
	resp := protocol.AcquireResponse()
	measured("connection", func() error { return door.connections.do(req, resp) })
	door.close()
	door.connections.dialer = netpoll.NewDialer()
	measured("connection, netpoll", func() error { return door.connections.do(req, resp) })
	door.close()
	client, err := hertz.NewClient()
	require.NoError(b, err)
	defer client.CloseIdleConnections()
	measured("Hertz client", func() error { return client.Do(context.Background(), req, resp) })
	web := &http.Client{Timeout: time.Minute}
	defer web.CloseIdleConnections()
	measured("net/http", func() error {
		res, err := web.Get("http://" + addr + "/")
		if err == nil {
			_, err = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
		return err
	})
}

func BenchmarkParsers(b *testing.B) {
	_, text := canned(b)
	for name, parse := range map[string]func([]byte, any) error{"sonic": sonic.ConfigDefault.Unmarshal, "encoding/json": json.Unmarshal} {
		b.Run(name, func(b *testing.B) {
			p := &page{}
			for b.Loop() {
				p.reset()
				if err := parse(text, p); err != nil || len(p.Items) != 20 {
					b.Fatal(err)
				}
			}
		})
	}
}
