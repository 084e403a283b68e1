// Package ports is the driving side: whoever calls Freshet comes in here, by HTTP, RPC, a stream, a timer or the command
// line.
//
// A port parses, calls one use case and presents what comes back. Kinds of failure become a protocol's codes in one
// place per port.
//
// Never here: a rule, a decision, or another room's vendor. A request's own types go no further in.
//
// Look first at http, and at its map of errors.
//
// May import: ports, application, domain, idl; of others': github.com/cloudwego, github.com/hertz-contrib, github.com/prometheus, github.com/spf13/cobra (cli), github.com/schollz/progressbar/v3 (cli), github.com/HdrHistogram/hdrhistogram-go (cli/load), github.com/bytedance/sonic (cli/load), github.com/bytedance/gopkg (cli/load).
package ports
