package logging_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/infrastructure/logging"
)

func TestJSONIsOneObjectALine(t *testing.T) {
	var b bytes.Buffer
	log, err := logging.New(logging.Options{Level: "info", Format: "json"}, &b)
	require.NoError(t, err)
	log.Debug("not this")
	log.Error("it broke", "error", "why\nthough")

	var line map[string]any
	require.NoError(t, json.Unmarshal(b.Bytes(), &line))
	require.Equal(t, 1, bytes.Count(b.Bytes(), []byte("\n")))
	require.Equal(t, "why\nthough", line["error"])
	require.Equal(t, "it broke", line["msg"])
}

func TestConsoleIsForPeople(t *testing.T) {
	var b bytes.Buffer
	log, err := logging.New(logging.Options{Level: "debug", Format: "console"}, &b)
	require.NoError(t, err)
	log.Debug("ready", "addr", "a:1")
	require.Regexp(t, `^time=\S+ level=DEBUG msg=ready addr=a:1\n$`, b.String())
}

func TestWhatIsNoLogIsRefused(t *testing.T) {
	for _, o := range []logging.Options{{Level: "loud", Format: "json"}, {Level: "info", Format: "xml"}, {Level: "info"}} {
		_, err := logging.New(o, &bytes.Buffer{})
		require.Error(t, err)
	}
}
