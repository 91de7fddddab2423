package aerie_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	aerie "aerie.dev/clients/go"
	"aerie.dev/clients/go/gen/aeriepb"
	fake "aerie.dev/clients/go/internal/fakebroker"
)

const (
	reasonLeft   = aeriepb.ExitReason_EXIT_REASON_LEFT
	reasonClosed = aeriepb.ExitReason_EXIT_REASON_CLOSED
	reasonCrash  = aeriepb.ExitReason_EXIT_REASON_CRASH
	reasonNormal = aeriepb.ExitReason_EXIT_REASON_STOP_NORMAL
)

type object = map[string]any

// joinRoom joins the channel 7.
func joinRoom(a *fake.Attachment) {
	a.Send(fake.Join(7, "room:1", "room:*", `{}`))
	a.Expect(fake.Ok(7, "", ""))
}

func TestJoinIsAnsweredByWhatItReturns(t *testing.T) {
	b, a := attach(t, module{
		join: func(_ *module, params aerie.Payload) (any, error) {
			var p struct{ Do string }
			if err := params.Decode(&p); err != nil {
				return nil, err
			}
			switch p.Do {
			case "ok":
				return object{"html": "<b>"}, nil
			case "refuse":
				return nil, aerie.Refuse(object{"reason": "banned"})
			case "panic":
				panic("oh no")
			}
			return nil, errTest
		},
	})
	for i, c := range []struct {
		do   string
		want *aeriepb.HostFrame
	}{
		{"ok", fake.Ok(0, `{"html":"<b>"}`, "")},
		{"refuse", fake.Refused(1, `{"reason":"banned"}`)},
		{"panic", fake.JoinCrashed(2)},
		{"fail", fake.JoinCrashed(3)},
	} {
		a.Send(fake.Join(uint64(i), "room:1", "room:*", `{"do":"`+c.do+`"}`))
		a.Expect(c.want)
	}
	logged := strings.Join(b.errors.await(t, 2), "\n")
	for _, part := range []string{"oh no", "did not work", "Join", "room:1"} {
		if !strings.Contains(logged, part) {
			t.Errorf("%q is not in the log: %s", part, logged)
		}
	}
}

func TestAJoinOfAnUnknownPatternCrashes(t *testing.T) {
	_, a := attach(t, module{})
	a.Send(fake.Join(1, "hall:1", "hall:*", `{}`))
	a.Expect(fake.JoinCrashed(1))
}

func TestAChannelKnowsItsTopicAndSocket(t *testing.T) {
	_, a := attach(t, module{
		join: func(m *module, _ aerie.Payload) (any, error) {
			var assigns object
			if err := m.Assigns(&assigns); err != nil {
				return nil, err
			}
			return []any{
				m.ID(), m.Topic(), m.Pattern(), m.Socket().Key, m.Socket().ID,
				m.Socket().Assigns, assigns,
			}, nil
		},
	})
	a.Send(fake.Join(1<<63+1, "room:1", "room:*", `{}`))
	a.Expect(fake.Ok(1<<63+1, `[9223372036854775809,"room:1","room:*",`+
		`"e-1/7","users:42",{"id":42},{"id":42}]`, ""))
}

func TestAssignsTravelWithTheJoinReplyAndAfterItByThemselves(t *testing.T) {
	_, a := attach(t, module{
		join: func(m *module, _ aerie.Payload) (any, error) {
			return nil, m.Assign(object{"user": "<ann>"})
		},
		in: func(m *module, _ *aerie.Event) error {
			// A number that no float64 holds survives.
			return m.Assign(json.RawMessage(`{"n":12345678901234567890}`))
		},
	})
	a.Send(fake.Join(7, "room:1", "room:*", `{}`))
	a.Expect(fake.Ok(7, "", `{"id":42,"user":"<ann>"}`))
	a.Send(fake.In(7, "assign", `{}`, "1"))
	a.Expect(fake.SetAssigns(7,
		`{"id":42,"n":12345678901234567890,"user":"<ann>"}`), fake.Done(7, 1))
}

func TestAssignsThatAreTooLargeOrNoObjectAreErrors(t *testing.T) {
	_, a := attach(t, module{
		join: func(m *module, _ aerie.Payload) (any, error) {
			large := object{"a": strings.Repeat("a", 64<<10)}
			return []bool{m.Assign(large) != nil, m.Assign(1) != nil,
				m.Assign(aerie.Binary(nil)) != nil}, nil
		},
	})
	a.Send(fake.Join(7, "room:1", "room:*", `{}`))
	a.Expect(fake.Ok(7, `[true,true,true]`, ""))
}

func TestInterceptsOfAJoinTravelInItsReply(t *testing.T) {
	_, a := attach(t, module{
		join: func(m *module, _ aerie.Payload) (any, error) {
			if m.Intercept(make([]string, 257)...) == nil {
				t.Error("there is no bound")
			}
			return nil, m.Intercept("typing", "secret")
		},
		in: func(m *module, e *aerie.Event) error {
			return e.Ok(m.Intercept("late") != nil)
		},
	})
	a.Send(fake.Join(7, "room:1", "room:*", `{}`))
	want := fake.Ok(7, "", "")
	want.GetJoinReply().Intercepts = []string{"typing", "secret"}
	a.Expect(want)
	a.Send(fake.In(7, "x", `{}`, "1"))
	a.Expect(fake.Reply(7, "1", "ok", "true"), fake.Done(7, 1))
}

func TestWhatACallbackDoesPrecedesItsDone(t *testing.T) {
	_, a := attach(t, module{
		in: func(m *module, e *aerie.Event) error {
			return first(
				m.Push("pushed", e.Payload),
				m.Broadcast("all", object{"a": 1}),
				m.BroadcastFrom("others", nil),
				m.BroadcastTo("room:2", "away", nil),
				e.Error(object{"reason": "no"}),
			)
		},
	})
	joinRoom(a)
	a.Send(fake.In(7, "go", `{"n":1.0}`, "ref-1"))
	a.Expect(
		fake.Push(7, "pushed", `{"n":1.0}`),
		fake.Broadcast(7, "room:1", "all", `{"a":1}`, false),
		fake.Broadcast(7, "room:1", "others", "", true),
		fake.Broadcast(7, "room:2", "away", "", false),
		fake.Reply(7, "ref-1", "error", `{"reason":"no"}`),
		fake.Done(7, 1),
	)
}

// first is the first of errors.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestBytesComeAndGoAsTheyAre(t *testing.T) {
	_, a := attach(t, module{
		in: func(m *module, e *aerie.Event) error {
			if !e.Payload.IsBinary() ||
				string(e.Payload.Bytes()) != "\x00\xff" {
				return errTest
			}
			return e.Ok(aerie.Binary([]byte{1, 0xfe}))
		},
	})
	joinRoom(a)
	in := fake.In(7, "bytes", "", "1")
	in.GetHandleIn().Payload = &aeriepb.Payload{
		Kind: &aeriepb.Payload_Binary{Binary: []byte{0, 0xff}},
	}
	a.Send(in)
	want := fake.Reply(7, "1", "ok", "")
	want.GetReply().Payload = &aeriepb.Payload{
		Kind: &aeriepb.Payload_Binary{Binary: []byte{1, 0xfe}},
	}
	a.Expect(want, fake.Done(7, 1))
}

func TestAReplyMayComeLaterAndNotAtAll(t *testing.T) {
	refs := make(chan aerie.Ref, 2)
	_, a := attach(t, module{
		in: func(_ *module, e *aerie.Event) error {
			refs <- e.Ref
			return nil
		},
	})
	joinRoom(a)
	a.Send(fake.In(7, "later", `{}`, "1"), fake.In(7, "never", `{}`, ""))
	later, never := <-refs, <-refs
	expect(t, []bool{later.Wanted(), never.Wanted()}, []bool{true, false})
	for n := uint32(0); n < 2; { // One frame, or two.
		n += a.Next().GetDone().GetCallbacks()
	}
	expect(t, never.Ok(nil), nil)
	expect(t, later.Reply("maybe", []int{1}), nil)
	a.Expect(fake.Reply(7, "1", "maybe", "[1]"))
}

func TestPayloadsThatTheBrokerWouldRefuseAreErrors(t *testing.T) {
	_, a := attach(t, module{
		in: func(m *module, e *aerie.Event) error {
			large := object{"a": strings.Repeat("a", 10_000_000)}
			for i, err := range []error{
				m.Push("x", []int{1}),
				m.Push("x", "text"),
				m.Push("x", json.RawMessage(`{`)),
				m.Push("x", json.RawMessage("{\"a\":\"\xff\"}")),
				m.Push("x", func() {}),
				m.Push("x", large),
				m.Push("phx_reply", nil),
				m.Push("\xff", nil),
				m.Push("x", json.RawMessage(`{"a":"\ud800"}`)),
				m.Push("x", object{"a": json.Number("1e999")}),
				m.BroadcastTo("", "x", nil),
				e.Ok(large),
				e.Reply(strings.Repeat("a", 129), nil),
				m.Stop(aerie.Left),
			} {
				if err == nil {
					t.Errorf("case %d is no error", i)
				}
			}
			return nil
		},
	})
	joinRoom(a)
	a.Send(fake.In(7, "go", `{}`, "1"))
	a.Expect(fake.Done(7, 1))
}

func TestBroadcastsAreInterceptedOrPushedOn(t *testing.T) {
	b := newBench(t)
	b.host.Handle("room:*", factory(module{
		out: func(m *module, event string, _ aerie.Payload) error {
			return m.Push(event, object{"mine": true})
		},
	}))
	b.host.Handle("hall:*", factory(module{}))
	b.run()
	a := b.broker.Accept("b-1")
	joinRoom(a)
	a.Send(fake.Join(8, "hall:1", "hall:*", `{}`))
	a.Expect(fake.Ok(8, "", ""))
	a.Send(fake.Out(7, "secret", `{"a":1}`))
	a.Expect(fake.Push(7, "secret", `{"mine":true}`), fake.Done(7, 1))
	a.Send(fake.Out(8, "secret", `{"a":1}`))
	a.Expect(fake.Push(8, "secret", `{"a":1}`), fake.Done(8, 1))
}

func TestMessagesReachTheChannelAndAreIgnoredByDefault(t *testing.T) {
	b := newBench(t)
	b.host.Handle("room:*", factory(module{
		info: func(m *module, event string, payload aerie.Payload) error {
			return m.Push(event, payload)
		},
	}))
	b.host.Handle("hall:*", factory(module{}))
	b.run()
	a := b.broker.Accept("b-1")
	joinRoom(a)
	a.Send(fake.Join(8, "hall:1", "hall:*", `{}`))
	a.Expect(fake.Ok(8, "", ""))
	a.Send(fake.Info(7, "hello", `{"a":1}`))
	a.Expect(fake.Push(7, "hello", `{"a":1}`), fake.Done(7, 1))
	a.Send(fake.Info(8, "token_expiring", `{}`))
	a.Expect(fake.Done(8, 1))
}

func TestSendSelfOfJoinRunsAfterItsAnswerAndTakesNoCredit(t *testing.T) {
	_, a := attach(t, module{
		join: func(m *module, _ aerie.Payload) (any, error) {
			return nil, m.SendSelf("after_join", object{"n": 1})
		},
		info: func(m *module, event string, payload aerie.Payload) error {
			return m.Push(event, payload)
		},
		in: func(m *module, e *aerie.Event) error {
			return e.Ok(nil)
		},
	})
	a.Send(fake.Join(7, "room:1", "room:*", `{}`), fake.In(7, "x", `{}`, "1"))
	a.Expect(fake.Ok(7, "", ""))
	// The event came before or after SendSelf's.
	seen := map[string]bool{}
	for i := 0; i < 3; i++ {
		f := a.Next()
		seen[f.GetPush().GetEvent()+string(f.GetReply().GetRef())] = true
	}
	expect(t, seen, map[string]bool{"after_join": true, "1": true, "": true})
}

func TestSendSelfOfARefusedJoinNeverRuns(t *testing.T) {
	called := newRecord()
	channels := make(chan *aerie.Channel, 1)
	_, a := attach(t, module{
		join: func(m *module, _ aerie.Payload) (any, error) {
			channels <- m.Channel
			return nil, first(m.SendSelf("after_join", nil), aerie.Refuse(nil))
		},
		info: func(*module, string, aerie.Payload) error {
			called.add("info")
			return nil
		},
	})
	a.Send(fake.Join(7, "room:1", "room:*", `{}`))
	a.Expect(&aeriepb.HostFrame{
		Channel: 7,
		Frame: &aeriepb.HostFrame_JoinReply_{
			JoinReply: &aeriepb.HostFrame_JoinReply{},
		},
	})
	<-(<-channels).Context().Done()
	expect(t, called.all(), []string{})
}

func TestWhatIsSaidBeforeTheJoinIsAnsweredIsAnError(t *testing.T) {
	_, a := attach(t, module{
		join: func(m *module, _ aerie.Payload) (any, error) {
			for _, err := range []error{
				m.Push("x", nil), m.Broadcast("x", nil),
				m.Stop(aerie.StopNormal),
			} {
				if !errors.Is(err, aerie.ErrNotJoined) {
					t.Errorf("got %v", err)
				}
			}
			return nil, nil
		},
	})
	joinRoom(a)
}
