// Package load asks a running service for pages as many viewers would, reports what they would do with them, and
// measures how that goes: an open loop, whose arrivals wait for nobody, or a closed one, whose callers ask again
// once they are answered. It checks on the way what every page promises.
package load
