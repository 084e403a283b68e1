// Package idl is the room of the RPC contract: freshet.thrift, written by hand, and under gen the
// code that Kitex makes of it. Nothing under gen is edited; after a change of the contract run
//
//	go tool kitex -module github.com/freshet/freshet -gen-path idl/gen idl/freshet.thrift
//
// in the repository's root and commit both. Running it again changes nothing.
//
// The room imports none of the others. Of others' code the generated files import Kitex and its
// codecs. Ports and adapters may import it; domain and application may not.
package idl
