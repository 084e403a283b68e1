// Package audience is the context of who watches: the Viewer aggregate (whom they follow, mute and
// block, how they steer), the acts viewers do, and Knowledge, which is all that ranking may know of one.
//
// Start at viewer.go for what a viewer decides and at knowledge.go for what is known of them.
package audience
