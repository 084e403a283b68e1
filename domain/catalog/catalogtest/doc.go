// Package catalogtest holds what every implementation of catalog's ports must do, as test suites.
// Only tests import it.
package catalogtest
