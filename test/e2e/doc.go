// Package e2e drives the real binary as its users do: over HTTP and RPC, on the embedded default and on
// real Redis and MySQL-protocol servers, with one instance and with two.
package e2e
