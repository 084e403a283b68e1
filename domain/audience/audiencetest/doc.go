// Package audiencetest holds what every implementation of audience's ports must do, as test suites.
// Only tests import it.
package audiencetest
