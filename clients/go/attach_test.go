package aerie_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	aerie "aerie.dev/clients/go"
	"aerie.dev/clients/go/gen/aeriepb"
	fake "aerie.dev/clients/go/internal/fakebroker"
)

func TestAHostRegistersItsPatterns(t *testing.T) {
	b := newBench(t)
	b.host.Handle("room:*", factory(module{}), aerie.Intercept("secret"),
		aerie.SpreadBy(aerie.SpreadSocket))
	b.host.Handle("lobby", factory(module{}))
	b.run()
	want := &aeriepb.HostFrame_Registration{
		Major: 1, Name: "chat", Instance: "chat-1", Version: "1.2.3",
		Capacity: 64,
		Patterns: []*aeriepb.HostFrame_Pattern{
			{
				Pattern: "room:*", Intercepts: []string{"secret"},
				Spread: aeriepb.HostFrame_Pattern_SPREAD_SOCKET,
			},
			{
				Pattern: "lobby",
				Spread:  aeriepb.HostFrame_Pattern_SPREAD_TOPIC,
			},
		},
	}
	got := b.broker.Accept("b-1").Registration
	if !proto.Equal(got, want) {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
}

func TestAHostThatIsWrongDoesNotStart(t *testing.T) {
	for _, c := range []struct {
		name    string
		options aerie.HostOptions
	}{
		{"", aerie.HostOptions{}},
		{strings.Repeat("a", 129), aerie.HostOptions{}},
		{"\xff", aerie.HostOptions{}},
		{"chat", aerie.HostOptions{Instance: strings.Repeat("a", 129)}},
		{"chat", aerie.HostOptions{Version: "\xff"}},
		{"chat", aerie.HostOptions{DrainWindow: -1}},
	} {
		if _, err := aerie.NewHost(c.name, c.options); err == nil {
			t.Errorf("%q %+v is no error", c.name, c.options)
		}
	}
	host, err := aerie.NewHost("chat", aerie.HostOptions{})
	expect(t, err, nil)
	for _, pattern := range []string{"", "a*b", "**", "\xff",
		strings.Repeat("a", 1025)} {
		if panicOf(func() { host.Handle(pattern, factory(module{})) }) == nil {
			t.Errorf("the pattern %q is no panic", pattern)
		}
	}
	host.Handle("a", factory(module{}))
	for i, f := range []func(){
		func() { host.Handle("a", factory(module{})) },
		func() { host.Handle("b", nil) },
		func() {
			host.Handle("c", factory(module{}), aerie.Intercept("phx_x"))
		},
		func() {
			host.Handle("d", factory(module{}),
				aerie.Intercept(make([]string, 257)...))
		},
	} {
		if panicOf(f) == nil {
			t.Errorf("case %d is no panic", i)
		}
	}
	empty, err := aerie.NewHost("chat", aerie.HostOptions{})
	expect(t, err, nil)
	if empty.Run(context.Background()) == nil {
		t.Error("a host that handles nothing runs")
	}
}

func panicOf(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

func TestALostStreamIsOpenedAgainAtTheNextBroker(t *testing.T) {
	b := newBench(t, "one", "two")
	two := b.net.Start(t, "two", nil)
	b.host.Handle("room:*", factory(module{}))
	b.run()
	b.broker.Accept("b-1").End(nil)
	first := two.Accept("b-2")
	first.End(status.Error(codes.Unavailable, "draining"))
	again := b.broker.Accept("b-1")
	expect(t, again.Registration.GetInstance(),
		first.Registration.GetInstance())
	b.broker.Kill()
	two.Accept("b-2")
}

func TestABrokerThatIsNotThereIsPassedOver(t *testing.T) {
	b := newBench(t, "nowhere", "one")
	b.host.Handle("room:*", factory(module{}))
	b.run()
	b.broker.Accept("b-1")
}

func TestARefusalEndsAHostThatWasNeverAttached(t *testing.T) {
	for _, code := range []codes.Code{codes.FailedPrecondition,
		codes.InvalidArgument, codes.Unimplemented, codes.Unauthenticated,
		codes.PermissionDenied} {
		b := newBench(t)
		b.broker.Refuse = func() error { return status.Error(code, "no") }
		b.host.Handle("room:*", factory(module{}))
		b.run()
		err := b.awaitRun()
		expect(t, status.Code(err), code)
		if !strings.Contains(err.Error(), "one") {
			t.Errorf("no address in: %v", err)
		}
	}
}

func TestARefusalLaterIsTriedAgain(t *testing.T) {
	b := newBench(t)
	var attempts int32
	b.broker.Refuse = func() error {
		if atomic.AddInt32(&attempts, 1) == 2 {
			return status.Error(codes.Unauthenticated, "no")
		}
		return nil
	}
	b.host.Handle("room:*", factory(module{}))
	b.run()
	b.broker.Accept("b-1").End(nil)
	b.broker.Accept("b-1")
	expect(t, atomic.LoadInt32(&attempts), int32(3))
	b.errors.await(t, 1)
}

func TestOtherFailuresOfTheFirstAttemptAreTriedAgain(t *testing.T) {
	b := newBench(t)
	var attempts int32
	b.broker.Refuse = func() error {
		if atomic.AddInt32(&attempts, 1) < 3 {
			return status.Error(codes.Unavailable, "draining")
		}
		return nil
	}
	b.host.Handle("room:*", factory(module{}))
	b.run()
	b.broker.Accept("b-1")
}

func TestAnotherMajorVersionIsRefused(t *testing.T) {
	b := newBench(t)
	b.host.Handle("room:*", factory(module{}))
	b.run()
	b.broker.Silent().Send(&aeriepb.ChannelFrame{
		Frame: &aeriepb.ChannelFrame_Attached_{
			Attached: &aeriepb.ChannelFrame_Attached{Major: 2},
		},
	})
	expect(t, status.Code(b.awaitRun()), codes.FailedPrecondition)
}

func TestADrainIsAnnouncedAndAwaited(t *testing.T) {
	for _, how := range []string{"context", "call", "signal"} {
		r := newRecord()
		b, a := attach(t, recorded(r))
		joinRoom(a)
		switch how {
		case "context":
			b.cancel()
		case "call":
			b.host.Drain()
		case "signal":
			expect(t, syscall.Kill(os.Getpid(), syscall.SIGTERM), nil)
		}
		drain := a.Next().GetDrain()
		expect(t, drain.GetWindowMs(), uint32(3000))
		// It serves on.
		a.Send(fake.In(7, "x", `{}`, "1"))
		a.Expect(fake.Reply(7, "1", "ok", ""), fake.Done(7, 1))
		a.Send(fake.Terminate(7, aeriepb.ExitReason_EXIT_REASON_DRAINING,
			"end-1"))
		a.Expect(fake.Terminated(7, "end-1"))
		a.Send(fake.Drained())
		a.AwaitClosed()
		a.End(nil)
		expect(t, b.awaitRun(), nil)
		expect(t, r.all(), []string{`room:1 draining "end-1" false`})
	}
}

func TestAStreamThatIsLostInADrainEndsTheRun(t *testing.T) {
	r := newRecord()
	b, a := attach(t, recorded(r))
	joinRoom(a)
	b.cancel()
	a.Next()
	a.End(nil)
	expect(t, b.awaitRun(), nil)
	expect(t, r.all(), []string{`room:1 host_lost "" false`})
}

func TestADrainWithoutAStreamEndsAtOnce(t *testing.T) {
	b := newBench(t)
	b.host.Handle("room:*", factory(module{}))
	b.run()
	b.broker.Silent()
	b.host.Drain()
	expect(t, b.awaitRun(), nil)
}

func TestStopEndsTheStreamAndItsChannels(t *testing.T) {
	r := newRecord()
	b, a := attach(t, recorded(r))
	joinRoom(a)
	expect(t, b.host.Attached(), true)
	b.host.Stop()
	expect(t, b.awaitRun(), nil)
	expect(t, b.host.Attached(), false)
	expect(t, r.all(), []string{`room:1 host_lost "" false`})
	expect(t, b.host.Broadcast("room:1", "x", nil), aerie.ErrNotAttached)
	if b.host.Run(context.Background()) == nil {
		t.Error("a host runs twice")
	}
}

func TestAHostSpeaksForItself(t *testing.T) {
	b, a := attach(t, module{})
	joinRoom(a) // It is attached.
	expect(t, b.host.Broadcast("room:1", "x", object{"a": 1}), nil)
	a.Expect(fake.Broadcast(0, "room:1", "x", `{"a":1}`, false))
	expect(t, b.host.Send(9, "hello", nil), nil)
	send := a.Next()
	expect(t, send.GetChannel(), uint64(0))
	expect(t, send.GetSend().GetTo(), uint64(9))
	expect(t, b.host.Disconnect("users:42"), nil)
	expect(t, a.Next().GetDisconnect().GetSocketId(), "users:42")
	for i, err := range []error{
		b.host.Broadcast("", "x", nil), b.host.Send(9, "phx_x", nil),
		b.host.Disconnect(""), b.host.Broadcast("a", "x", 1),
		b.host.Send(0, "x", nil),
	} {
		if err == nil {
			t.Errorf("case %d is no error", i)
		}
	}
}

func TestTheConnectHookAnswers(t *testing.T) {
	b := newBench(t)
	b.host.HandleConnect(func(_ context.Context, r *aerie.ConnectRequest) (
		aerie.Accept, error) {
		switch r.Param("user") {
		case "ann":
			return aerie.Accept{
				SocketID: "users:" + r.Param("user"),
				Assigns: object{
					"mount": r.Mount, "peer": r.Peer, "token": string(r.Token),
					"agent": r.Header("user-agent"), "uri": r.URI,
				},
			}, nil
		case "banned":
			return aerie.Accept{}, aerie.RefuseConnect(http.StatusGone, "away")
		case "large":
			return aerie.Accept{Assigns: object{
				"a": strings.Repeat("a", 4096),
			}}, nil
		case "long":
			return aerie.Accept{SocketID: strings.Repeat("a", 513)}, nil
		case "odd":
			return aerie.Accept{}, aerie.RefuseConnect(http.StatusOK, "?")
		}
		panic("oh no")
	})
	b.run()
	a := b.broker.Accept("b-1")
	expect(t, a.Registration.GetConnect(), true)
	ask := func(user string) *aeriepb.HostFrame_ConnectReply {
		a.Send(&aeriepb.ChannelFrame{Frame: &aeriepb.ChannelFrame_Connect_{
			Connect: &aeriepb.ChannelFrame_Connect{
				Id: 5, Mount: "/socket", Peer: "192.0.2.7:51000",
				Uri: "ws://x/",
				Params: []*aeriepb.NameValue{
					{Name: "user", Value: "first"}, {Name: "user", Value: user},
				},
				Headers: []*aeriepb.NameValue{
					{Name: "user-agent", Value: "test"},
				},
				Token: []byte("secret"),
			},
		}})
		return a.Next().GetConnectReply()
	}
	want := &aeriepb.HostFrame_ConnectReply{
		Id: 5, Ok: true, SocketId: "users:ann",
		Assigns: `{"agent":"test","mount":"/socket",` +
			`"peer":"192.0.2.7:51000","token":"secret","uri":"ws://x/"}`,
	}
	if got := ask("ann"); !proto.Equal(got, want) {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
	banned := ask("banned")
	expect(t, banned.GetOk(), false)
	expect(t, banned.GetStatus(), uint32(http.StatusGone))
	expect(t, banned.GetReason(), "away")
	for _, user := range []string{"large", "long", "odd", "panic"} {
		reply := ask(user)
		expect(t, reply.GetOk(), false)
		expect(t, reply.GetStatus(), uint32(500))
	}
}

func TestTheTokenIsReadAnewForEachAttempt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	expect(t, os.WriteFile(file, []byte(" first\n"), 0o600), nil)
	net := fake.NewNet()
	broker := net.Start(t, "one", nil)
	host, err := aerie.NewHost("chat", aerie.HostOptions{
		Connection: aerie.Connection{
			Brokers:     []string{fake.Address("one")},
			Token:       aerie.TokenFile(file),
			DialOptions: []grpc.DialOption{net.DialOption()},
		},
		Logger: quiet{},
	})
	expect(t, err, nil)
	host.Handle("room:*", factory(module{}))
	ran := make(chan error, 1)
	go func() { ran <- host.Run(context.Background()) }()
	a := broker.Accept("b-1")
	expect(t, a.Header("authorization"), []string{"Bearer first"})
	expect(t, os.WriteFile(file, []byte("second"), 0o600), nil)
	a.End(nil)
	expect(t, broker.Accept("b-1").Header("authorization"),
		[]string{"Bearer second"})
	host.Stop()
	expect(t, <-ran, nil)
}

func TestATokenFileThatIsMissingEndsTheRun(t *testing.T) {
	host, err := aerie.NewHost("chat", aerie.HostOptions{
		Connection: aerie.Connection{
			Brokers: []string{fake.Address("one")},
			Token:   aerie.TokenFile(filepath.Join(t.TempDir(), "none")),
			DialOptions: []grpc.DialOption{func() grpc.DialOption {
				net := fake.NewNet()
				net.Start(t, "one", nil)
				return net.DialOption()
			}()},
		},
		Logger: quiet{},
	})
	expect(t, err, nil)
	host.Handle("room:*", factory(module{}))
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := host.Run(ctx); err == nil ||
		!strings.Contains(err.Error(), "token") {
		t.Errorf("got %v", err)
	}
}
