// Package notifyingtest is the contract of notifying.Tasks and notifying.Backlog, to be run on every implementation.
package notifyingtest
