// Package infrastructure is what another product could use unchanged: configuration, connections, lifecycle, telemetry,
// id generation, resilience.
//
// It knows nothing of feeds. What it opens, its caller closes; what it starts, it also stops.
//
// Never here: a word of the glossary.
//
// Look first at how cmd/freshet puts it to use.
//
// May import: infrastructure; of others': github.com/knadh/koanf, github.com/redis/go-redis/v9, github.com/alicebob/miniredis/v2, github.com/prometheus, github.com/KimMachineGun/automemlimit.
package infrastructure
