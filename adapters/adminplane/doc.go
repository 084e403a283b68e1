// Package adminplane asks running instances, over their admin plane.
package adminplane
