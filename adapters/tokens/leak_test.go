package tokens_test

import (
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
