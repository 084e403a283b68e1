// Package demo shows the service at work: a made-up catalogue, and viewers with tastes that the service is not
// told. All of it follows from a seed.
package demo
