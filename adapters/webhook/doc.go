// Package webhook tells a service of the installation's owner, by HTTP, that something was recorded of a viewer or an author.
package webhook
