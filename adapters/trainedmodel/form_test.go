package trainedmodel

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"math"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/catalog"
	"github.com/freshet/freshet/domain/recommend"
)

func small() (*recommend.Model, recommend.Training) {
	m := recommend.NewModel(7, []catalog.ItemID{"a", "ü 世界", "c"}, []recommend.LinearRow{
		{Weights: []float32{0, 1.5, -2}},
		{To: []uint32{0, 2}, Weights: []float32{0.25, math.MaxFloat32}},
		{To: []uint32{}, Weights: []float32{}},
	}, tiny(3))
	return m, recommend.Training{
		Version: 7, UpTo: 1 << 40, Events: 12, Viewers: 5, Items: 3, Lambda: 500, Tested: 4, HR: 0.25, NDCG: 0.125,
		Took: 90 * time.Second, At: time.UnixMilli(1700000000123).UTC(),
	}
}

// tiny is a recurrent part in which every number is another.
func tiny(items int) *recommend.Recurrent {
	m := recommend.NewRecurrent(recommend.RecurrentShape{Items: items, Dims: 2, Hidden: 1})
	n := float32(0)
	for _, part := range m.Parts() {
		for i := range part {
			n += 0.5
			part[i] = n
		}
	}
	return m
}

func written(t testing.TB, m *recommend.Model, how recommend.Training) (head, body []byte) {
	t.Helper()
	var b bytes.Buffer
	head, err := Write(&b, m, how)
	require.NoError(t, err)
	return head, b.Bytes()
}

func TestAModelIsReadAsItWasWritten(t *testing.T) {
	m, how := small()
	head, body := written(t, m, how)
	require.Len(t, head, headBytes)
	for name, r := range map[string]io.Reader{"at once": bytes.NewReader(body), "byte by byte": iotest.OneByteReader(bytes.NewReader(body))} {
		got, told, err := Read(head, r)
		require.NoError(t, err, name)
		require.Equal(t, m, got, name)
		require.Equal(t, how, told, name)
	}
	told, size, err := ReadHead(head)
	require.NoError(t, err)
	require.Equal(t, how, told)
	require.EqualValues(t, len(body), size)
}

// TestTheFormStays: what was written once is read for ever.
func TestTheFormStays(t *testing.T) {
	m, how := small()
	head, body := written(t, m, how)
	require.Equal(t, uint32(0xac24ccf3), crc32.ChecksumIEEE(head), "the head; a new form has a new number")
	require.Equal(t, uint32(0x5df658e8), crc32.ChecksumIEEE(body), "the body; a new form has a new number")
}

func TestWhatIsCutOrChangedAnywhereIsRefused(t *testing.T) {
	m, how := small()
	head, body := written(t, m, how)
	for i := range head {
		changed := bytes.Clone(head)
		changed[i] ^= 0x40
		_, _, err := Read(changed, bytes.NewReader(body))
		require.ErrorIs(t, err, recommend.ErrModelUnreadable, i)
		_, _, err = ReadHead(changed)
		require.ErrorIs(t, err, recommend.ErrModelUnreadable, i)
		_, _, err = Read(head[:i], bytes.NewReader(body))
		require.ErrorIs(t, err, recommend.ErrModelUnreadable, i)
	}
	for i := range body {
		changed := bytes.Clone(body)
		changed[i] ^= 0x40
		_, _, err := Read(head, bytes.NewReader(changed))
		require.ErrorIs(t, err, recommend.ErrModelUnreadable, i)
		_, _, err = Read(head, bytes.NewReader(body[:i]))
		require.ErrorIs(t, err, recommend.ErrModelUnreadable, i)
	}
	_, _, err := Read(append(head, 0), bytes.NewReader(body))
	require.ErrorIs(t, err, recommend.ErrModelUnreadable)
	_, _, err = Read(head, bytes.NewReader(append(body, 0)))
	require.ErrorIs(t, err, recommend.ErrModelUnreadable)
}

// claiming is a head with the right sums over a body.
func claiming(items int, body []byte) []byte {
	return headOf(recommend.Training{Items: items, Lambda: 1}, int64(len(body)), crc32.Checksum(body, checksum))
}

func TestABodyThatCannotBeIsRefused(t *testing.T) {
	float := func(f float32) []byte { return binary.LittleEndian.AppendUint32(nil, math.Float32bits(f)) }
	with := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	one, two := []byte{1, 'a'}, []byte{1, 'a', 1, 'b'}
	for name, c := range map[string]struct {
		items int
		body  []byte
	}{
		"an id that is none":           {1, with([]byte{1, '/'}, []byte{wholeRow}, float(0))},
		"an empty id":                  {1, with([]byte{0}, []byte{wholeRow}, float(0))},
		"an id too long":               {1, with([]byte{0x81, 1}, bytes.Repeat([]byte{'a'}, 129), []byte{wholeRow}, float(0))},
		"an item twice":                {2, with(one, one, []byte{sparseRow, 0, sparseRow, 0})},
		"a row of no kind":             {1, with(one, []byte{2}, float(0))},
		"more places than items":       {1, with(one, []byte{sparseRow, 2, 0, 0}, float(1), float(1))},
		"a place beyond the items":     {2, with(two, []byte{sparseRow, 1, 2}, float(1), []byte{sparseRow, 0})},
		"places beyond the items":      {2, with(two, []byte{sparseRow, 2, 1, 0}, float(1), float(1), []byte{sparseRow, 0})},
		"a number longer than it must": {2, with(two, []byte{sparseRow, 0x81, 0, 0}, float(1), []byte{sparseRow, 0})},
		"a number without end":         {1, with(one, []byte{sparseRow, 0xff, 0xff, 0xff, 0xff})},
		"a weight that is no number":   {1, with(one, []byte{wholeRow}, float(float32(math.NaN())))},
		"a weight without end":         {1, with(one, []byte{wholeRow}, float(float32(math.Inf(-1))))},
		"a row too few":                {2, with(two, []byte{sparseRow, 0})},
		"a row too many":               {1, with(one, []byte{sparseRow, 0, sparseRow, 0})},
		"items without rows":           {recommend.MaxModelItems, one},
		"too many items":               {recommend.MaxModelItems + 1, one},
		"no word of a recurrent part":  {1, with(one, []byte{sparseRow, 0})},
		"a recurrent part too wide":    {1, with(one, []byte{sparseRow, 0, 0x81, 2, 0})},
		"a recurrent part too deep":    {1, with(one, []byte{sparseRow, 0, 1, 0x81, 8})},
		"a recurrent part cut short":   {1, with(one, []byte{sparseRow, 0, 1, 0}, bytes.Repeat([]byte{0}, 4*(1+1+3)-1))},
		"one that is no number":        {1, with(one, []byte{sparseRow, 0, 1, 0}, float(float32(math.NaN())), bytes.Repeat([]byte{0}, 4*(1+3)))},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := Read(claiming(c.items, c.body), bytes.NewReader(c.body))
			require.ErrorIs(t, err, recommend.ErrModelUnreadable)
		})
	}
	for name, recurrent := range map[string][]byte{
		"without a recurrent part": {0}, "with one": with([]byte{1, 0}, bytes.Repeat([]byte{0}, 4*(2+2+3))),
	} {
		body := with(two, []byte{sparseRow, 2, 0, 0}, float(1), float(2), []byte{sparseRow, 0}, recurrent)
		_, _, err := Read(claiming(2, body), bytes.NewReader(body))
		require.NoError(t, err, "and one that can be is read: "+name)
	}
}

func TestAModelOfThePlainFormIsRead(t *testing.T) {
	m, how := small()
	m = recommend.NewModel(how.Version, m.Items(), []recommend.LinearRow{m.Row(0), m.Row(1), m.Row(2)}, nil)
	_, body := written(t, m, how)
	head, plain := plainly(how, body)
	got, told, err := Read(head, bytes.NewReader(plain))
	require.NoError(t, err)
	require.Equal(t, m, got)
	require.Equal(t, how, told)
	require.Equal(t, uint32(0x8b7c21c6), crc32.ChecksumIEEE(head), "as it was written once")
	require.Equal(t, uint32(0x33b51d19), crc32.ChecksumIEEE(plain))
}

// plainly is the head and body of a model without a recurrent part as they were before there was one.
func plainly(how recommend.Training, body []byte) (head, plain []byte) {
	plain = body[:len(body)-1]
	head = headOf(how, int64(len(plain)), crc32.Checksum(plain, checksum))
	head = head[:len(head)-4]
	binary.LittleEndian.PutUint32(head[8:], plainForm)
	return binary.LittleEndian.AppendUint32(head, crc32.Checksum(head, checksum)), plain
}

func TestWhatReadingFailsWithIsTold(t *testing.T) {
	m, how := small()
	head, body := written(t, m, how)
	broken := errors.New("broken")
	for _, n := range []int{0, 1, len(body) / 2, len(body)} {
		_, _, err := Read(head, io.MultiReader(bytes.NewReader(body[:n]), iotest.ErrReader(broken)))
		require.ErrorIs(t, err, broken, n)
	}
	_, err := Write(failing{broken}, m, how)
	require.ErrorIs(t, err, broken)
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// FuzzRead: whatever is read is refused, or is exactly what Write would have written.
func FuzzRead(f *testing.F) {
	m, how := small()
	head, body := written(f, m, how)
	f.Add(head, body, 0)
	f.Add(head, body, 3)
	f.Add(head[:10], body, 0)
	f.Add([]byte{}, []byte{1, 'a', wholeRow, 0, 0, 0, 0}, 1)
	f.Add([]byte{}, []byte{1, 'a', 1, 'b', sparseRow, 1, 1, 0, 0, 0, 0, sparseRow, 0}, 2)
	f.Add([]byte{}, []byte{1, 'a', sparseRow, 0, 1, 0, 0, 0, 0, 0}, 1)
	f.Fuzz(func(t *testing.T, head, body []byte, items int) {
		if items > 0 { // a head that is right, so that more than the sums is looked at
			head = claiming(items%(recommend.MaxModelItems+2), body)
		}
		m, how, err := Read(head, bytes.NewReader(body))
		if err != nil {
			require.ErrorIs(t, err, recommend.ErrModelUnreadable)
			return
		}
		h, b := written(t, m, how)
		if binary.LittleEndian.Uint32(head[8:]) == plainForm {
			h, b = plainly(how, b)
		}
		require.Equal(t, body, b)
		require.Equal(t, head, h)
	})
}
