package http

import "github.com/cloudwego/hertz/pkg/common/hlog"

// Hertz says on standard error where it listens; who starts the server says so in its own log.
func init() { hlog.SetLevel(hlog.LevelWarn) }
