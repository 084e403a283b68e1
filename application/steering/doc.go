// Package steering is what viewers decide outright: more or less of something, and whom they follow,
// mute and block. A decision is durable before it is acknowledged and shows on the next page.
package steering
