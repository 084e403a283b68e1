// Package rpc is the door for other services: Kitex over idl/freshet.thrift, by Thrift (framed, buffered,
// TTHeader) and by Thrift over gRPC, all on one port.
//
// Every method parses the request into the model's values, calls one use case and presents what comes back.
// Start at server.go; call.go is what all methods share, failure.go is the map of errors.
package rpc
