package aerie

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"aerie.dev/clients/go/gen/aeriepb"
)

func pushOf(bytes int) *aeriepb.HostFrame {
	return &aeriepb.HostFrame{
		Channel: 7,
		Frame: &aeriepb.HostFrame_Push_{Push: &aeriepb.HostFrame_Push{
			Event: strings.Repeat("a", bytes),
		}},
	}
}

func doneOf(channel uint64) *aeriepb.HostFrame {
	return &aeriepb.HostFrame{
		Channel: channel,
		Frame: &aeriepb.HostFrame_Done_{
			Done: &aeriepb.HostFrame_Done{Callbacks: 1},
		},
	}
}

func sizes(frames []*aeriepb.HostFrame) []int {
	var sizes []int
	for _, frame := range frames {
		sizes = append(sizes, len(frame.GetPush().GetEvent()))
	}
	return sizes
}

func TestABatchIsCutAtItsBytesUnlessOneFrameIsLarger(t *testing.T) {
	o := newOutbox(func() { t.Error("full") })
	for _, bytes := range []int{1, 2 << 20, 600 << 10, 600 << 10, 3} {
		o.put(pushOf(bytes))
	}
	o.end()
	want := [][]int{{1}, {2 << 20}, {600 << 10}, {600 << 10, 3}}
	for _, w := range want {
		batch, ok := o.take(context.Background())
		if got := sizes(batch); !ok || len(got) != len(w) || got[0] != w[0] {
			t.Fatalf("got %v, want %v", got, w)
		}
	}
	if _, ok := o.take(context.Background()); ok {
		t.Error("there is more")
	}
}

func TestCreditsOfOneChannelInARowAreOneFrame(t *testing.T) {
	o := newOutbox(func() { t.Error("full") })
	o.put(doneOf(7))
	o.put(doneOf(7))
	o.put(doneOf(8))
	o.put(pushOf(1))
	o.put(doneOf(8))
	batch, _ := o.take(context.Background())
	var got []uint32
	for _, frame := range batch {
		got = append(got, frame.GetDone().GetCallbacks())
	}
	if len(got) != 4 || got[0] != 2 || got[1] != 1 || got[3] != 1 {
		t.Errorf("got %v", got)
	}
}

func TestABrokerThatDoesNotReadFillsTheOutboxOnce(t *testing.T) {
	full := 0
	o := newOutbox(func() { full++ })
	for i := 0; i < 70; i++ {
		o.put(pushOf(1 << 20))
	}
	if full != 1 {
		t.Errorf("full %d times", full)
	}
	if _, ok := o.take(context.Background()); ok {
		t.Error("what cannot be sent is kept")
	}
}

func TestBytesThatWereTakenLeaveRoom(t *testing.T) {
	o := newOutbox(func() { t.Error("full") })
	for i := 0; i < 200; i++ {
		o.put(pushOf(1 << 20))
		if i%2 == 1 {
			for n := 0; n < 2; n++ {
				if _, ok := o.take(context.Background()); !ok {
					t.Fatal("nothing to take")
				}
			}
		}
	}
	if o.bytes != 0 {
		t.Errorf("%d bytes are counted, none are there", o.bytes)
	}
}

func TestTakeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, ok := newOutbox(func() {}).take(ctx); ok {
		t.Error("nothing is something")
	}
}

func TestPausesDoubleUpToTheirMaximum(t *testing.T) {
	for n, whole := range []time.Duration{
		1: 100 * time.Millisecond, 2: 200 * time.Millisecond,
		3: 400 * time.Millisecond, 7: 6400 * time.Millisecond,
		8: 10 * time.Second, 1000: 10 * time.Second,
	} {
		if whole == 0 {
			continue
		}
		seen := map[time.Duration]bool{}
		for i := 0; i < 100; i++ {
			got := pause(n)
			if got < whole/2 || got > whole {
				t.Fatalf("attempt %d: %v, not half to all of %v", n, got, whole)
			}
			seen[got] = true
		}
		if len(seen) < 50 {
			t.Errorf("attempt %d: only %d different pauses", n, len(seen))
		}
	}
}

func TestEndsAreForgottenByAgeAndNumber(t *testing.T) {
	now := time.Unix(0, 0)
	e := newEnds()
	e.now = func() time.Time { return now }
	done := make(chan struct{})
	known := func(key string) bool { return e.find("other", key) != nil }
	e.add("old", done)
	e.add("old", done)
	now = now.Add(endsKept)
	e.add("young", done)
	if !known("old") || !known("young") || known("unknown") {
		t.Error("forgotten too early")
	}
	now = now.Add(1)
	e.add("new", done)
	if known("old") || !known("young") {
		t.Error("not by age")
	}
	for i := 0; i < endsMax; i++ {
		e.add(endChannel("b", uint64(i)), done)
	}
	if known("new") || len(e.known) != endsMax || len(e.order) != endsMax {
		t.Errorf("%d are known", len(e.known))
	}
}

func TestAPayloadIsWhatWasGiven(t *testing.T) {
	for _, c := range []struct {
		given any
		want  *aeriepb.Payload
	}{
		{nil, nil},
		{Payload{}, nil},
		{map[string]any{"a": "<&>"}, jsonPayload(`{"a":"<&>"}`)},
		{Binary([]byte{1}), Binary([]byte{1}).proto()},
		{[]int{1, 2}, jsonPayload(`[1,2]`)},
	} {
		payload, err := encode(c.given)
		if err != nil || !proto.Equal(payload.proto(), c.want) {
			t.Errorf("%v: got %v, %v", c.given, payload.proto(), err)
		}
	}
	if got := (Payload{}).JSON(); got != "{}" {
		t.Errorf("the empty payload is %s", got)
	}
	if err := Binary(nil).Decode(new(any)); err == nil {
		t.Error("bytes are decoded")
	}
	if got := Binary([]byte{1, 2}).String(); got != "<2 bytes>" {
		t.Errorf("got %s", got)
	}
}

func jsonPayload(text string) *aeriepb.Payload {
	return &aeriepb.Payload{Kind: &aeriepb.Payload_Json{Json: text}}
}

func TestJSONIsWhatBrokersTake(t *testing.T) {
	deep := func(n int) string {
		return strings.Repeat(`[`, n) + strings.Repeat(`]`, n)
	}
	for _, text := range []string{
		`{}`, ` {"a" : [1, -2.5e3, true, null, "\\u\"[{"]} `,
		`"\ud83d\ude00 \u0041"`, `[1` + strings.Repeat("0", 400) + `]`,
		`"` + strings.Repeat("[", 200) + `"`, `-1.5e308`, deep(128),
		`[` + strings.Repeat(`[],`, 200) + `1]`, `"\\ud800"`,
	} {
		if err := checkJSON(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{
		``, `{`, `{} {}`, `nonsense`, "\"\xff\"", `"\ud800"`, `"\udc00"`,
		`"\ud800\ud800\udc00"`, `"\ud800x\udc00"`, `"\ud800\n\udc00"`,
		`{"\udfff":1}`, `1e999`, `[-1.5e309]`, deep(129),
	} {
		if checkJSON(text) == nil {
			t.Errorf("%s is no error", text)
		}
	}
}
