// Package tokens tells whom bearer tokens name: those that are signed (JWT), by keys from configuration or from a key
// set that an issuer publishes, and opaque ones by asking their issuer.
package tokens
