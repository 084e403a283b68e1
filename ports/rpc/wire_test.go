package rpc_test

import (
	"reflect"

	"github.com/cloudwego/gopkg/protocol/thrift"

	"github.com/freshet/freshet/idl/gen/freshet"
	server "github.com/freshet/freshet/idl/gen/freshet/freshet"
)

// methodOf is the name of the method that takes such a request.
func methodOf(request reflect.Type) string {
	service := reflect.TypeFor[freshet.Freshet]()
	for i := range service.NumMethod() {
		if m := service.Method(i); m.Type.In(1) == request {
			return m.Name
		}
	}
	panic("no method takes a " + request.String())
}

// ask calls the method that takes such a request.
func (w *world) ask(request any) (any, error) {
	return w.send(methodOf(reflect.TypeOf(request)), request.(thrift.FastCodec))
}

// send calls a method, also with a request that the generated client cannot make.
func (w *world) send(method string, request thrift.FastCodec) (any, error) {
	result := server.NewServiceInfo().Methods[method].NewResult()
	if err := w.raw.Call(w.t.Context(), method, &argument{request}, result); err != nil {
		return nil, err
	}
	return result.(interface{ GetResult() any }).GetResult(), nil
}

// argument is a method's only argument, as it stands in a call.
type argument struct{ thrift.FastCodec }

func (a *argument) BLength() int { return 4 + a.FastCodec.BLength() }

func (a *argument) FastWriteNocopy(buf []byte, w thrift.NocopyWriter) int {
	n := thrift.Binary.WriteFieldBegin(buf, thrift.STRUCT, 1)
	n += a.FastCodec.FastWriteNocopy(buf[n:], nil)
	return n + thrift.Binary.WriteFieldStop(buf[n:])
}

// without is a request of which one field is not sent, or is sent as a number, whatever it should be.
type without struct {
	thrift.FastCodec
	field  int16
	number bool
}

func (q without) bytes() []byte {
	var buf, out []byte = make([]byte, q.FastCodec.BLength()), nil
	q.FastCodec.FastWriteNocopy(buf, nil)
	for {
		kind, id, n, err := thrift.Binary.ReadFieldBegin(buf)
		switch {
		case err != nil:
			panic(err)
		case kind == thrift.STOP && q.number:
			out = thrift.Binary.AppendFieldBegin(out, thrift.DOUBLE, q.field)
			out = thrift.Binary.AppendDouble(out, 7)
			return thrift.Binary.AppendFieldStop(out)
		case kind == thrift.STOP:
			return thrift.Binary.AppendFieldStop(out)
		}
		value, err := thrift.Binary.Skip(buf[n:], kind)
		if err != nil {
			panic(err)
		}
		if id != q.field {
			out = append(out, buf[:n+value]...)
		}
		buf = buf[n+value:]
	}
}

func (q without) BLength() int { return len(q.bytes()) }

func (q without) FastWriteNocopy(buf []byte, _ thrift.NocopyWriter) int { return copy(buf, q.bytes()) }

// clone shares no memory with the request.
func clone(request thrift.FastCodec) thrift.FastCodec {
	buf := make([]byte, request.BLength())
	request.FastWriteNocopy(buf, nil)
	other := reflect.New(reflect.TypeOf(request).Elem()).Interface().(thrift.FastCodec)
	if _, err := other.FastRead(buf); err != nil {
		panic(err)
	}
	return other
}
