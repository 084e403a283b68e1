// Package http is the HTTP door: it parses a request, calls one use case and presents what comes back.
//
// Start at routes.go: the one table that registers every route and describes it in openapi.json.
// errors.go is the one place where kinds of failure become status codes. The rest is one file an
// endpoint; strict.go reads JSON and says where it is wrong; jsontext.go writes it.
//
// The admin plane (admin.go) listens on an address of its own and is not for clients.
package http
