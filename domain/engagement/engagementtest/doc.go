// Package engagementtest holds what every implementation of engagement's ports must do, as test
// suites. Only tests import it.
package engagementtest
