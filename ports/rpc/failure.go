package rpc

import (
	"errors"
	"strconv"

	"github.com/cloudwego/kitex/pkg/kerrors"

	"github.com/freshet/freshet/application/observing"
	"github.com/freshet/freshet/application/publishing"
	"github.com/freshet/freshet/domain/fault"
	"github.com/freshet/freshet/idl/gen/freshet"
)

// codes are the kinds of failure as the IDL numbers them.
var codes = map[fault.Kind]int32{
	fault.Internal:    500,
	fault.Invalid:     400,
	fault.Denied:      403,
	fault.NotFound:    404,
	fault.Conflict:    409,
	fault.Gone:        410,
	fault.Limited:     429,
	fault.Unavailable: 503,
	fault.Unproven:    401,
}

const tooLarge = 413

func codeOf(f *fault.Error) int32 {
	if errors.Is(f, publishing.ErrBatch) || errors.Is(f, observing.ErrBatch) {
		return tooLarge
	}
	return codes[f.Kind()]
}

// failureOf tells nothing of our own bugs.
func failureOf(f *fault.Error, request string) *freshet.Failure {
	if f.Kind() == fault.Internal {
		return &freshet.Failure{Code: codeOf(f), Key: "internal", Message: "something went wrong on our side", RequestId: request}
	}
	return &freshet.Failure{
		Code: codeOf(f), Key: f.Code(), Message: f.Message(), Field: f.Field(), RequestId: request, Retryable: f.Retryable(),
	}
}

func bizStatusOf(f *freshet.Failure) kerrors.BizStatusErrorIface {
	extra := map[string]string{"error": f.Key, "request_id": f.RequestId, "retryable": strconv.FormatBool(f.Retryable)}
	if f.Field != "" {
		extra["field"] = f.Field
	}
	return kerrors.NewBizStatusErrorWithExtra(f.Code, f.Message, extra)
}

// naming names the field at fault of a failure whose use case knows no name for it.
func naming(field string, failure *fault.Error, err error) error {
	if errors.Is(err, failure) {
		return fault.Of(err).On(field)
	}
	return err
}

// respell names the field at fault as the request spells it.
func respell(err error, to string, from ...string) error {
	f := fault.Of(err)
	for _, name := range from {
		if f != nil && f.Field() == name {
			return f.On(to)
		}
	}
	return err
}
