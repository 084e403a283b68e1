package wire

// What marks a request as a rehearsal: its viewers and their acts are kept apart from the real ones.
const (
	ShadowHeader = "Freshet-Shadow" // of HTTP; its value is 1
	ShadowKey    = "FRESHET_SHADOW" // of Kitex metainfo; its value is 1
)
