// Package filestore keeps things in files of this machine.
package filestore
