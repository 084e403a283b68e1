package logging_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/freshet/freshet/infrastructure/logging"
)

func TestJSONIsOneObjectALine(t *testing.T) {
	var b bytes.Buffer
	log, err := logging.New(logging.Options{Level: "info", Format: "json"}, &b)
	require.NoError(t, err)
	log.Debug("not this")
	log.Named("http").Error("it broke", zap.Error(errors.New("why\nthough")), zap.Duration("took", time.Second))

	var line map[string]any
	require.NoError(t, json.Unmarshal(b.Bytes(), &line))
	require.Equal(t, 1, bytes.Count(b.Bytes(), []byte("\n")))
	_, err = time.Parse(time.RFC3339Nano, line["time"].(string))
	require.NoError(t, err)
	delete(line, "time")
	require.Equal(t, map[string]any{"level": "error", "logger": "http", "message": "it broke", "error": "why\nthough", "took": "1s"}, line)
}

func TestConsoleIsForPeople(t *testing.T) {
	var b bytes.Buffer
	log, err := logging.New(logging.Options{Level: "debug", Format: "console"}, &b)
	require.NoError(t, err)
	log.Debug("ready", zap.String("addr", "a:1"))
	require.Regexp(t, `^\d\d:\d\d:\d\d\.\d{3}\tDEBUG\tready\t\{"addr": "a:1"\}\n$`, b.String())
}

func TestWhatIsNoLogIsRefused(t *testing.T) {
	for _, o := range []logging.Options{{Level: "loud", Format: "json"}, {Level: "fatal", Format: "json"}, {Level: "info", Format: "xml"}, {Level: "info"}} {
		_, err := logging.New(o, &bytes.Buffer{})
		require.Error(t, err)
	}
}
