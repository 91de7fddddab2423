package aerie_test

import (
	"testing"
	"time"

	aerie "aerie.dev/clients/go"
	"aerie.dev/clients/go/gen/aeriepb"
	fake "aerie.dev/clients/go/internal/fakebroker"
)

// recorded is a module that replies ok to everything and records how it ends.
func recorded(r *record) module {
	return module{
		in: func(_ *module, e *aerie.Event) error { return e.Ok(nil) },
		terminate: func(m *module, end aerie.End) {
			r.add("%s %v %q %v", m.Topic(), end.Reason, end.EventID,
				end.Redelivered)
		},
	}
}

func TestEventsOfAChannelKeepTheirOrder(t *testing.T) {
	r := newRecord()
	_, a := attach(t, module{
		in: func(_ *module, e *aerie.Event) error {
			r.add("%s", e.Name)
			return e.Ok(nil)
		},
	})
	joinRoom(a)
	want := []string{}
	var frames []*aeriepb.ChannelFrame
	for i := 0; i < 50; i++ {
		name := string(rune('A' + i))
		want = append(want, name)
		frames = append(frames, fake.In(7, name, `{}`, name))
	}
	a.Send(frames...)
	expect(t, r.await(t, 50), want)
	credits := uint32(0)
	var refs []string
	for credits < 50 {
		f := a.Next()
		credits += f.GetDone().GetCallbacks()
		if f.GetReply() != nil {
			refs = append(refs, string(f.GetReply().GetRef()))
		}
	}
	expect(t, refs, want)
}

func TestChannelsDoNotWaitForEachOther(t *testing.T) {
	release := make(chan struct{})
	_, a := attach(t, module{
		in: func(_ *module, e *aerie.Event) error {
			if e.Name == "slow" {
				<-release
			}
			return e.Ok(nil)
		},
	})
	a.Send(fake.Join(7, "room:1", "room:*", `{}`))
	a.Expect(fake.Ok(7, "", ""))
	a.Send(fake.Join(8, "room:1", "room:*", `{}`))
	a.Expect(fake.Ok(8, "", ""))
	a.Send(fake.In(7, "slow", `{}`, "1"), fake.In(7, "next", `{}`, "2"),
		fake.In(8, "quick", `{}`, "3"))
	a.Expect(fake.Reply(8, "3", "ok", ""), fake.Done(8, 1))
	close(release)
	a.Expect(fake.Reply(7, "1", "ok", ""))
}

func TestALeaveIsAnsweredBeforeTerminateRuns(t *testing.T) {
	m := module{
		terminate: func(m *module, end aerie.End) {
			err := m.Push("bye", object{"why": end.Reason.String()})
			if err != nil {
				t.Error(err)
			}
		},
	}
	_, a := attach(t, m)
	joinRoom(a)
	a.Send(fake.Terminate(7, reasonLeft, "end-1"))
	a.Expect(fake.Left(7), fake.Push(7, "bye", `{"why":"left"}`),
		fake.Terminated(7, "end-1"))
}

func TestOtherEndsAreNotAnsweredWithLeft(t *testing.T) {
	r := newRecord()
	_, a := attach(t, recorded(r))
	joinRoom(a)
	a.Send(fake.Terminate(7, reasonClosed, "end-1"))
	a.Expect(fake.Terminated(7, "end-1"))
	expect(t, r.await(t, 1), []string{`room:1 closed "end-1" false`})
}

func TestATerminateThatFailsIsAnswered(t *testing.T) {
	b, a := attach(t, module{
		terminate: func(*module, aerie.End) { panic("oh no") },
	})
	joinRoom(a)
	a.Send(fake.Terminate(7, reasonClosed, "end-1"))
	a.Expect(fake.Terminated(7, "end-1"))
	b.errors.await(t, 1)
}

func TestAFailedCallbackEndsItsChannelOnly(t *testing.T) {
	r := newRecord()
	m := recorded(r)
	m.in = func(_ *module, e *aerie.Event) error {
		switch e.Name {
		case "panic":
			panic("oh no")
		case "fail":
			return errTest
		}
		return e.Ok(nil)
	}
	for _, event := range []string{"panic", "fail"} {
		b, a := attach(t, m)
		joinRoom(a)
		a.Send(fake.Join(8, "room:2", "room:*", `{}`))
		a.Expect(fake.Ok(8, "", ""))
		a.Send(fake.In(7, event, `{}`, "1"))
		a.Expect(fake.Stop(7, reasonCrash), fake.Done(7, 1))
		r.await(t, 1)
		// The host has run terminate by itself, and does not run it again.
		a.Send(fake.Terminate(7, reasonCrash, "end-1"))
		a.Expect(fake.Terminated(7, "end-1"))
		a.Send(fake.In(8, "x", `{}`, "2"))
		a.Expect(fake.Reply(8, "2", "ok", ""), fake.Done(8, 1))
		b.errors.await(t, 1)
	}
	expect(t, r.all(), []string{`room:1 crash "" false`,
		`room:1 crash "" false`})
}

func TestAnEventThatNobodyHandlesCrashesTheChannel(t *testing.T) {
	_, a := attach(t, module{})
	joinRoom(a)
	a.Send(fake.In(7, "x", `{}`, "1"))
	a.Expect(fake.Stop(7, reasonCrash), fake.Done(7, 1))
}

func TestStopDropsWhatWaitsBehindIt(t *testing.T) {
	r := newRecord()
	begun := make(chan struct{})
	release := make(chan struct{})
	m := recorded(r)
	m.in = func(m *module, e *aerie.Event) error {
		r.add("%s", e.Name)
		close(begun)
		<-release
		return m.StopReply(aerie.StopNormal, e.Ref, "ok", object{"a": 1})
	}
	_, a := attach(t, m)
	joinRoom(a)
	a.Send(fake.In(7, "stop", `{}`, "1"))
	<-begun
	a.Send(fake.In(7, "dropped", `{}`, "2"), fake.Info(7, "dropped", `{}`))
	close(release)
	stop := fake.Stop(7, reasonNormal)
	stop.GetStop().Reply = fake.Reply(7, "1", "ok", `{"a":1}`).GetReply()
	a.Expect(stop)
	for credits := uint32(0); credits < 3; {
		credits += a.Next().GetDone().GetCallbacks()
	}
	a.Send(fake.Terminate(7, reasonNormal, "end-1"))
	a.Expect(fake.Terminated(7, "end-1"))
	expect(t, r.await(t, 2), []string{"stop",
		`room:1 stop_normal "end-1" false`})
}

func TestAChannelIsStoppedFromOutside(t *testing.T) {
	for _, reason := range []aerie.ExitReason{aerie.StopNormal,
		aerie.StopShutdown, aerie.ExitNormal, aerie.Crash} {
		r := newRecord()
		channels := make(chan *aerie.Channel, 1)
		m := recorded(r)
		m.join = func(m *module, _ aerie.Payload) (any, error) {
			channels <- m.Channel
			return nil, nil
		}
		_, a := attach(t, m)
		joinRoom(a)
		c := <-channels
		expect(t, c.Stop(reason), nil)
		expect(t, c.Stop(aerie.StopNormal), nil) // Too late: ignored.
		a.Expect(fake.Stop(7, aeriepb.ExitReason(reason)))
		if reason == aerie.ExitNormal || reason == aerie.Crash {
			<-c.Context().Done() // It ends without the broker's word.
		}
		a.Send(fake.Terminate(7, aeriepb.ExitReason(reason), "end-1"))
		a.Expect(fake.Terminated(7, "end-1"))
		<-c.Context().Done()
		expect(t, len(r.await(t, 1)), 1)
		expect(t, c.Push("late", nil), nil)
		expect(t, c.SendSelf("late", nil), nil)
		a.Send(fake.Join(9, "room:1", "room:*", `{}`))
		a.Expect(fake.Ok(9, "", "")) // Nothing was said in between.
	}
}

func TestFramesForUnknownChannelsGiveTheirCreditBack(t *testing.T) {
	r := newRecord()
	_, a := attach(t, recorded(r))
	a.Send(fake.In(5, "x", `{}`, "1"))
	a.Expect(fake.Done(5, 1))
	a.Send(fake.Terminate(5, reasonLeft, "end-5"))
	a.Expect(fake.Terminated(5, "end-5"))
	a.Send(&aeriepb.ChannelFrame{Channel: 5}) // Of a later minor version.
	a.Send(fake.Out(5, "x", `{}`))
	a.Expect(fake.Done(5, 1))
	expect(t, r.all(), []string{})
}

func TestAnEndOfALostHostRunsHereWithItsAssigns(t *testing.T) {
	r := newRecord()
	_, a := attach(t, module{
		terminate: func(m *module, end aerie.End) {
			var assigns struct{ User string }
			if err := m.Assigns(&assigns); err != nil {
				t.Error(err)
			}
			if err := m.Broadcast("gone", nil); err != nil {
				t.Error(err)
			}
			r.add("%s %s %s %v %v", m.Topic(), m.Socket().ID, assigns.User,
				end.Reason, end.Redelivered)
		},
	})
	frame := fake.Redelivered(9, "room:3", "room:*", `{"user":"ann"}`, "end-9")
	a.Send(frame)
	a.Expect(fake.Broadcast(9, "room:3", "gone", "", false),
		fake.Terminated(9, "end-9"))
	a.Send(frame) // A repeat is answered only.
	a.Expect(fake.Terminated(9, "end-9"))
	expect(t, r.await(t, 1), []string{"room:3 users:42 ann host_lost true"})
}

func TestTheStreamsEndEndsItsChannelsBehindWhatTheyHold(t *testing.T) {
	r := newRecord()
	begun := make(chan struct{})
	release := make(chan struct{})
	m := recorded(r)
	m.in = func(_ *module, e *aerie.Event) error {
		if e.Name == "slow" {
			close(begun)
			<-release
		}
		r.add("%s", e.Name)
		return e.Ok(nil)
	}
	b, a := attach(t, m)
	joinRoom(a)
	a.Send(fake.In(7, "slow", `{}`, "1"), fake.In(7, "next", `{}`, "2"))
	<-begun
	a.End(nil)
	again := b.broker.Accept("b-1")
	close(release)
	expect(t, r.await(t, 3),
		[]string{"slow", "next", `room:1 host_lost "" false`})
	// Its terminate has run here: delivered again, it is answered only.
	again.Send(fake.Redelivered(7, "room:1", "room:*", `{}`, "end-7"))
	again.Expect(fake.Terminated(7, "end-7"))
	expect(t, len(r.all()), 3)
	// The same number in another broker process is another channel.
	again.End(nil)
	other := b.broker.Accept("b-2")
	other.Send(fake.Redelivered(7, "room:1", "room:*", `{}`, "end-8"))
	other.Expect(fake.Terminated(7, "end-8"))
	expect(t, len(r.await(t, 1)), 4)
}

func TestARepeatedEndIsAnsweredWhenItsTerminateHasRun(t *testing.T) {
	release := make(chan struct{})
	r := newRecord()
	b, a := attach(t, module{
		in: func(*module, *aerie.Event) error {
			<-release
			return nil
		},
		terminate: func(_ *module, end aerie.End) { r.add("%v", end.Reason) },
	})
	joinRoom(a)
	a.Send(fake.In(7, "slow", `{}`, ""))
	a.End(nil)
	again := b.broker.Accept("b-1")
	again.Send(fake.Redelivered(7, "room:1", "room:*", `{}`, "end-7"),
		fake.Join(8, "room:1", "room:*", `{}`))
	again.Expect(fake.Ok(8, "", "")) // It is busy, and nothing waits for it.
	close(release)
	again.Expect(fake.Terminated(7, "end-7"))
	expect(t, r.all(), []string{"host_lost"})
}

func TestTheContextOfJoinEndsAtTheBrokersDeadline(t *testing.T) {
	b := newBench(t)
	b.host.Handle("room:*", func(c *aerie.Channel) aerie.Callbacks {
		return &waiting{c}
	})
	b.run()
	a := b.broker.Silent()
	a.Send(&aeriepb.ChannelFrame{Frame: &aeriepb.ChannelFrame_Attached_{
		Attached: &aeriepb.ChannelFrame_Attached{
			Major: 1, Broker: "b-1", JoinDeadlineMs: 20,
		},
	}})
	begin := time.Now()
	a.Send(fake.Join(7, "room:1", "room:*", `{}`))
	a.Expect(fake.JoinCrashed(7))
	if waited := time.Since(begin); waited < 20*time.Millisecond {
		t.Errorf("ended after %v", waited)
	}
}
