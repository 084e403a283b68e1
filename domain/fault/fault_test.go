package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/domain/fault"
)

var (
	errFull = fault.New(fault.Limited, "full", "there is no room")
	errTag  = fault.New(fault.Invalid, "bad_tag", "a tag is a word")
	errDisk = errors.New("disk on fire")
)

func TestKindsHaveStableNames(t *testing.T) {
	for kind, name := range map[fault.Kind]string{
		fault.Internal: "internal", fault.Invalid: "invalid", fault.Denied: "denied", fault.NotFound: "not_found",
		fault.Conflict: "conflict", fault.Gone: "gone", fault.Limited: "limited", fault.Unavailable: "unavailable",
		fault.Unproven: "unproven", fault.Unproven + 1: "internal", 255: "internal",
	} {
		require.Equal(t, name, kind.String())
	}
}

func TestOnlyLimitedAndUnavailableMayPassLater(t *testing.T) {
	for kind := fault.Internal; kind <= fault.Unproven; kind++ {
		want := kind == fault.Limited || kind == fault.Unavailable
		require.Equal(t, want, fault.New(kind, "code", "message").Retryable(), kind.String())
	}
}

func TestFaultsMatch(t *testing.T) {
	for _, c := range []struct {
		name   string
		err    error
		target error
		want   bool
	}{
		{"themselves", errTag, errTag, true},
		{"another declaration of the same kind and code", fault.New(fault.Invalid, "bad_tag", "otherwise said"), errTag, true},
		{"no other code", fault.New(fault.Invalid, "bad_label", "a tag is a word"), errTag, false},
		{"no other kind", fault.New(fault.Conflict, "bad_tag", "a tag is a word"), errTag, false},
		{"whatever the field", errTag.On("tags"), errTag, true},
		{"whatever the message", errTag.Saying("%d tags", 3), errTag, true},
		{"whatever the cause", errTag.Because(errDisk), errTag, true},
		{"when wrapped", fmt.Errorf("item 7: %w", errTag.On("tags")), errTag, true},
		{"when they are a cause", errFull.Because(errTag), errTag, true},
		{"their cause", errFull.Because(errDisk), errDisk, true},
		{"no cause of others", errFull.Because(errDisk), errTag, false},
		{"no error that is no fault", errFull, errDisk, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, errors.Is(c.err, c.target))
		})
	}
}

func TestChangedCopiesLeaveTheOriginalAlone(t *testing.T) {
	original := fault.New(fault.Invalid, "bad_tag", "a tag is a word")
	changed := original.On("tags").Saying("tag %q of %d", "x y", 3).Because(errDisk)

	require.Equal(t, fault.New(fault.Invalid, "bad_tag", "a tag is a word"), original)
	require.Equal(t, fault.Invalid, changed.Kind())
	require.Equal(t, "bad_tag", changed.Code())
	require.Equal(t, "tags", changed.Field())
	require.Equal(t, `tag "x y" of 3`, changed.Message())
	require.Equal(t, errDisk, changed.Unwrap())
}

func TestTheCauseIsInTheLogAndNotInTheMessage(t *testing.T) {
	for _, c := range []struct {
		name string
		err  *fault.Error
		log  string
	}{
		{"bare", errTag, "bad_tag: a tag is a word"},
		{"with a field", errTag.On("tags"), "tags: bad_tag: a tag is a word"},
		{"with a cause", errTag.Because(errDisk), "bad_tag: a tag is a word: disk on fire"},
		{"with both", errTag.On("tags").Because(errDisk), "tags: bad_tag: a tag is a word: disk on fire"},
		{"with a cause that is none", errTag.Because(nil), "bad_tag: a tag is a word"},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.EqualError(t, c.err, c.log)
			require.Equal(t, "a tag is a word", c.err.Message())
		})
	}
}

func TestOfFindsTheOutermostFault(t *testing.T) {
	inner, outer := errTag.On("tags"), errFull.Because(fmt.Errorf("put: %w", errTag))
	require.Nil(t, fault.Of(nil))
	require.Same(t, inner, fault.Of(inner))
	require.Same(t, inner, fault.Of(fmt.Errorf("put: %w", inner)))
	require.Same(t, outer, fault.Of(fmt.Errorf("put: %w", outer)))
	require.Same(t, inner, fault.Of(errors.Join(errDisk, inner)))
}

func TestWhatIsNoFaultIsOurs(t *testing.T) {
	got := fault.Of(errDisk)
	require.Equal(t, fault.Internal, got.Kind())
	require.Equal(t, "internal", got.Code())
	require.NotContains(t, got.Message(), "fire")
	require.ErrorIs(t, got, errDisk)
}

func TestKindOfAnError(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		kind fault.Kind
		want bool
	}{
		{"its own", errTag, fault.Invalid, true},
		{"no other", errTag, fault.Limited, false},
		{"through wrapping", fmt.Errorf("put: %w", errTag), fault.Invalid, true},
		{"the outermost one", errFull.Because(errTag), fault.Limited, true},
		{"not that of a cause", errFull.Because(errTag), fault.Invalid, false},
		{"internal when it is no fault", errDisk, fault.Internal, true},
		{"none when there is no error", nil, fault.Internal, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, fault.Is(c.err, c.kind))
		})
	}
}
