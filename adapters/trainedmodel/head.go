package trainedmodel

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math"
	"time"

	"github.com/freshet/freshet/domain/recommend"
)

// The forms at rest: form is written, and plainForm, without a recurrent part, is still read.
const (
	form      = 2
	plainForm = 1
)

var (
	magic    = [8]byte{'f', 'r', 'e', 's', 'h', 'e', 't', 'L'}
	checksum = crc32.MakeTable(crc32.Castagnoli)
)

// head is how a model at rest begins, little-endian. It is followed by Sum, the checksum of what is before it.
type head struct {
	Magic                  [8]byte
	Form                   uint32
	Version, UpTo, Events  uint64
	Viewers, Items, Tested uint32
	Lambda, HR, NDCG       float64
	TookMS, AtMS           int64
	BodyBytes              int64
	BodySum                uint32
}

var headBytes = binary.Size(head{}) + 4

func headOf(how recommend.Training, size int64, sum uint32) []byte {
	b, err := binary.Append(nil, binary.LittleEndian, head{
		Magic: magic, Form: form, Version: how.Version, UpTo: how.UpTo, Events: how.Events,
		Viewers: uint32(how.Viewers), Items: uint32(how.Items), Tested: uint32(how.Tested),
		Lambda: how.Lambda, HR: how.HR, NDCG: how.NDCG, TookMS: how.Took.Milliseconds(), AtMS: how.At.UnixMilli(),
		BodyBytes: size, BodySum: sum,
	})
	if err != nil {
		panic(err) // a head has a size
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, checksum))
}

// ReadHead reads how the model came to be, and how many bytes its body has. It fails with recommend.ErrModelUnreadable.
func ReadHead(b []byte) (how recommend.Training, size int64, err error) {
	h, err := readHead(b)
	return h.training(), h.BodyBytes, err
}

func readHead(b []byte) (h head, err error) {
	if len(b) != headBytes {
		return h, malformed("a head of %d bytes", len(b))
	}
	var sum uint32
	content := bytes.NewReader(b)
	_ = binary.Read(content, binary.LittleEndian, &h) // it is long enough
	_ = binary.Read(content, binary.LittleEndian, &sum)
	switch {
	case h.Magic != magic:
		return head{}, malformed("it is no model")
	case h.Form != form && h.Form != plainForm:
		return head{}, malformed("a model of form %d; this program knows those up to %d", h.Form, form)
	case sum != crc32.Checksum(b[:len(b)-4], checksum):
		return head{}, malformed("the head is damaged")
	case h.Items > recommend.MaxModelItems || h.BodyBytes < 0 || h.BodyBytes > maxBody:
		return head{}, malformed("%d items in %d bytes are too many", h.Items, h.BodyBytes)
	case h.Tested > h.Viewers || !(h.Lambda > 0 && h.Lambda <= math.MaxFloat64) || !share(h.HR) || !share(h.NDCG):
		return head{}, malformed("a head that cannot be true")
	}
	return h, nil
}

func share(f float64) bool { return f >= 0 && f <= 1 }

func (h head) training() recommend.Training {
	if h.Form == 0 {
		return recommend.Training{}
	}
	return recommend.Training{
		Version: h.Version, UpTo: h.UpTo, Events: h.Events, Viewers: int(h.Viewers), Items: int(h.Items), Tested: int(h.Tested),
		Lambda: h.Lambda, HR: h.HR, NDCG: h.NDCG, Took: time.Duration(h.TookMS) * time.Millisecond, At: time.UnixMilli(h.AtMS).UTC(),
	}
}

func malformed(format string, args ...any) error {
	return recommend.ErrModelUnreadable.Saying(format, args...)
}
