package rpc

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/cloudwego/kitex/pkg/rpcinfo"

	"github.com/freshet/freshet/domain/fault"
)

// service has the methods of the IDL.
type service struct {
	Deps
	pageTime time.Duration
	log      *slog.Logger
	apart    *service      // answers shadow traffic; nil: it is refused
	shadowed atomic.Uint64 // marked calls
}

// answer runs one call on the side it is for: the client gets what do returns, marked with the call's request id, or a Failure.
// A request that was not sent is an empty one; a panic is our bug.
func answer[Q any, A interface{ SetRequestId(string) }](ctx context.Context, s *service, q *Q, do func(s *service, q *Q) (A, error)) (a A, err error) {
	id := requestID(ctx)
	defer func() {
		if p := recover(); p != nil {
			var none A
			a, err = none, s.fail(ctx, id, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	if q == nil {
		q = new(Q)
	}
	side, err := s, s.admit(ctx, q)
	if err == nil {
		side, err = s.side(ctx)
	}
	if err == nil {
		a, err = do(side, q)
	}
	if err != nil {
		var none A
		return none, s.fail(ctx, id, err)
	}
	a.SetRequestId(id)
	return a, nil
}

// fail tells the client in both ways that there are: Kitex sends a BizStatusError where its headers can
// carry one, and drops it without a word where they cannot, so the answer itself holds the Failure too.
func (s *service) fail(ctx context.Context, id string, err error) error {
	f := fault.Of(err)
	call := rpcinfo.GetRPCInfo(ctx).Invocation()
	if f.Kind() == fault.Internal {
		s.log.ErrorContext(ctx, "rpc call failed", "method", call.MethodName(), "request_id", id, "error", err)
	}
	failure := failureOf(f, id)
	if header, ok := call.(rpcinfo.InvocationSetter); ok {
		header.SetBizStatusErr(bizStatusOf(failure))
	}
	return failure
}
