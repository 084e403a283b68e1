// Package logging makes the log that a process writes.
package logging

import (
	"fmt"
	"io"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Options say what is logged, and how.
type Options struct {
	Level  string // debug, info, warn, error
	Format string // json, for machines; console, for people
}

// New returns a logger that writes whole lines to w, safe for concurrent use. Nothing
// is buffered, and nothing is to be closed.
func New(o Options, w io.Writer) (*zap.Logger, error) {
	level, err := zapcore.ParseLevel(o.Level)
	if err != nil || level > zapcore.ErrorLevel {
		return nil, fmt.Errorf("%q is no level of logging", o.Level)
	}
	layout := zapcore.EncoderConfig{
		TimeKey: "time", LevelKey: "level", NameKey: "logger", MessageKey: "message", StacktraceKey: "stack",
		EncodeTime: zapcore.RFC3339NanoTimeEncoder, EncodeLevel: zapcore.LowercaseLevelEncoder,
		EncodeDuration: zapcore.StringDurationEncoder, EncodeName: zapcore.FullNameEncoder,
	}
	var encoder zapcore.Encoder
	switch o.Format {
	case "json":
		encoder = zapcore.NewJSONEncoder(layout)
	case "console":
		layout.EncodeTime = zapcore.TimeEncoderOfLayout("15:04:05.000")
		layout.EncodeLevel = zapcore.CapitalLevelEncoder
		encoder = zapcore.NewConsoleEncoder(layout)
	default:
		return nil, fmt.Errorf("%q is no format of logging", o.Format)
	}
	core := zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(w)), level)
	return zap.New(core, zap.AddStacktrace(zapcore.DPanicLevel), zap.ErrorOutput(zapcore.Lock(zapcore.AddSync(w)))), nil
}
