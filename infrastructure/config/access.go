package config

import (
	"net"
	"net/netip"
)

// Asks reports whether callers of the public planes have to prove who they are.
func (c *Config) Asks() bool {
	switch c.Access.Mode {
	case "open":
		return false
	case "required":
		return true
	}
	return !Loopback(c.HTTP.Addr) || !Loopback(c.RPC.Addr)
}

// AsksOperators reports whether those of the admin plane have to, too.
func (c *Config) AsksOperators() bool {
	return c.Access.Mode != "open" && !Loopback(c.Admin.Addr)
}

// Proofs reports whether there is anything but keys that callers can prove who they are with.
func (c *Config) Proofs() bool {
	t := c.Access.Tokens
	return t.Secret != "" || len(t.PublicKeys)+len(t.KeySets) > 0 || c.Access.Introspection.URL != ""
}

// Loopback reports whether only this machine reaches the address.
func Loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
