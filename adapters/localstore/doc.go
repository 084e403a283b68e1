// Package localstore keeps sessions in this process alone. Pages served while the shared store is out
// of reach live here: they stay what they were for this process's lifetime, and their exposures wait
// here for the archive. It holds a bounded number of sessions and forgets the oldest first.
package localstore
