// Package embeddedredis runs a Redis-protocol server inside the process, for one process and nothing
// else: what it holds is gone when the process ends. Keys expire, memory has a cap, and everything it
// started ends with Close.
package embeddedredis
