package wire

// TokenKey is the Kitex metainfo value with the caller's token or key, transient or persistent; over gRPC the metadata
// authorization serves too, as in HTTP.
const TokenKey = "FRESHET_TOKEN"
