package rpc

import "github.com/cloudwego/kitex/pkg/klog"

// Kitex says on standard error where it listens; who starts the server says so in its own log.
func init() { klog.SetLevel(klog.LevelWarn) }
