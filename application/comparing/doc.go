// Package comparing shows what another configuration would have served: it makes recorded pages again under the one in
// force and under the other, with what was known when they were served, and says how they differ and, from what was
// explored by chance, what the difference is worth.
//
// Start at run.go; past.go keeps the future out, propensity.go is the estimate.
package comparing
