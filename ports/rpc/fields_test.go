package rpc_test

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	fast "github.com/cloudwego/gopkg/protocol/thrift"
	"github.com/stretchr/testify/require"

	thrift "github.com/freshet/freshet/idl/gen/freshet"
)

// takesAnything are the fields that refuse no value, and why not; what is tried must be accepted.
var takesAnything = map[string]struct {
	because string
	tried   []any
}{
	"ListSessions.before": {
		"it only bounds a list: before all time there is nothing and after all time there is everything",
		[]any{math.MinInt64, math.MaxInt64, -1, 0, 1, yearOne, yearOne - 1},
	},
	"RecordEvents.events.auto_presented": {"it is true or false, and both are meant", []any{true, false}},
}

// Every field of every request refuses what it should by its name, and a field that is added without a word on what
// it refuses fails here.
func TestEveryFieldIsRefusedByName(t *testing.T) {
	w := newWorld(t)
	refusals, taken := map[string]int{}, map[string]int{} // by field, as they were seen
	for path := range takesAnything {
		taken[path] = 0
	}
	for _, a := range acceptedBy(t, w) {
		method := methodOf(reflect.TypeOf(a.request))
		for _, path := range slices.Sorted(maps.Keys(a.refuses)) {
			field := path[strings.LastIndex(path, ".")+1:]
			for _, bad := range a.refuses[path] {
				t.Run(fmt.Sprintf("%s refuses %s %s", method, path, bad.that), func(t *testing.T) {
					got := w.refusal(t, method, spoilt(t, a.request, path, bad.value))
					if got.code != 0 && bad.code == 0 {
						bad.code = 400
					}
					require.Equal(t, refused{bad.code, bad.key, field, got.request, false}, got)
					refusals[method+"."+path]++
				})
			}
		}
		for full, anything := range takesAnything {
			path, mine := strings.CutPrefix(full, method+".")
			for _, value := range anything.tried {
				if mine {
					t.Run(fmt.Sprintf("%s takes %s of %v", method, path, value), func(t *testing.T) {
						require.Zero(t, w.refusal(t, method, spoilt(t, a.request, path, value)), "said to be taken: %s", anything.because)
						taken[full]++
					})
				}
			}
		}
		t.Run(method+" accepts the request that is spoilt here", func(t *testing.T) {
			require.Zero(t, w.refusal(t, method, a.request))
		})
	}
	t.Run("and no field is left out", func(t *testing.T) {
		require.Empty(t, unproven(fields(), refusals, taken))
	})
}

func TestTheAuditOfFieldsHasTeeth(t *testing.T) {
	type counts = map[string]int
	known := []string{"GetFeed.feed", "GetFeed.viewer"}
	both := counts{"GetFeed.feed": 1, "GetFeed.viewer": 1}
	require.Empty(t, unproven(known, both, nil))
	require.Empty(t, unproven(known, counts{"GetFeed.feed": 1}, counts{"GetFeed.viewer": 1}))
	for complaint, got := range map[string][]string{
		"GetFeed.viewer: nothing was seen to be refused":              unproven(known, counts{"GetFeed.feed": 1}, nil),
		"GetFeed.viewer: nothing was seen to be taken":                unproven(known, counts{"GetFeed.feed": 1}, counts{"GetFeed.viewer": 0}),
		"GetFeed.viewer: refuses, and is said not to":                 unproven(known, both, counts{"GetFeed.viewer": 1}),
		"GetFeed.limit: is said to refuse nothing, and there is none": unproven(known, both, counts{"GetFeed.limit": 1}),
	} {
		require.Equal(t, []string{complaint}, got)
	}
}

// unproven tells of which fields it was not seen that they refuse something, or that they take what was tried when
// they are said to take anything.
func unproven(fields []string, refusals, taken map[string]int) (complaints []string) {
	for _, f := range fields {
		switch tried, exempt := taken[f]; {
		case exempt && refusals[f] > 0:
			complaints = append(complaints, f+": refuses, and is said not to")
		case exempt && tried == 0:
			complaints = append(complaints, f+": nothing was seen to be taken")
		case !exempt && refusals[f] == 0:
			complaints = append(complaints, f+": nothing was seen to be refused")
		}
	}
	for f := range taken {
		if !slices.Contains(fields, f) {
			complaints = append(complaints, f+": is said to refuse nothing, and there is none")
		}
	}
	return complaints
}

// fields are the fields of all requests, those of what they hold included, such as "PutItem.item.title".
func fields() (paths []string) {
	service := reflect.TypeFor[thrift.Freshet]()
	for i := range service.NumMethod() {
		m := service.Method(i)
		for arg := 1; arg < m.Type.NumIn(); arg++ { // after the context
			paths = append(paths, fieldsOf(m.Name, m.Type.In(arg))...)
		}
	}
	return paths
}

func fieldsOf(under string, t reflect.Type) (paths []string) {
	for slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice}, t.Kind()) {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			path := under + "." + thriftName(t.Field(i))
			paths = append(append(paths, path), fieldsOf(path, t.Field(i).Type)...)
		}
	case reflect.Map, reflect.Interface:
		panic(under + " holds what is not looked into")
	}
	return paths
}

func thriftName(f reflect.StructField) string {
	name, _, ok := strings.Cut(f.Tag.Get("thrift"), ",")
	if !ok {
		panic(f.Name + " is no field of Thrift")
	}
	return name
}

func thriftNumber(f reflect.StructField) (n int16) {
	_, err := fmt.Sscanf(strings.Split(f.Tag.Get("thrift"), ",")[1], "%d", &n)
	if err != nil {
		panic(err)
	}
	return n
}

// refusal is what the service says of a request, or of the last entry of a batch, when it does not accept it.
func (w *world) refusal(t *testing.T, method string, request fast.FastCodec) refused {
	t.Helper()
	answer, err := w.send(method, request)
	if err != nil {
		got := reads(t, err)
		require.NotEmpty(t, got.request)
		return got
	}
	var all []refused
	switch r := answer.(type) {
	case *thrift.RecordEventsResponse:
		for _, o := range r.Results {
			all = append(all, refused{key: o.Error, field: o.Field})
			require.Equal(t, o.Status == "rejected", o.Error != "")
		}
	case *thrift.PutItemsResponse:
		for _, o := range r.Results {
			all = append(all, refused{key: o.Error, field: o.Field})
			require.Equal(t, o.Status == "rejected", o.Error != "")
		}
	default:
		return refused{}
	}
	require.Len(t, all, 2)
	require.Zero(t, all[0], "the others go through")
	return all[len(all)-1]
}

// spoilt is the request with another value in one of its fields.
func spoilt(t *testing.T, request fast.FastCodec, path string, value any) fast.FastCodec {
	t.Helper()
	request = clone(request)
	at := reflect.ValueOf(request)
	for name := range strings.SplitSeq(path, ".") {
		if at.Kind() == reflect.Slice {
			at = at.Index(at.Len() - 1)
		}
		at = at.Elem()
		i := slices.IndexFunc(reflect.VisibleFields(at.Type()), func(f reflect.StructField) bool { return thriftName(f) == name })
		require.GreaterOrEqual(t, i, 0, "there is no %s", path)
		switch value.(type) {
		case unsent, another:
			_, number := value.(another)
			return without{request, thriftNumber(at.Type().Field(i)), number}
		}
		at = at.Field(i)
	}
	v := reflect.ValueOf(value)
	if at.Kind() == reflect.Pointer && v.Kind() != reflect.Pointer {
		at.Set(reflect.New(at.Type().Elem()))
		at = at.Elem()
	}
	require.Equal(t, v.CanInt(), at.CanInt(), path)
	at.Set(v.Convert(at.Type()))
	return request
}
