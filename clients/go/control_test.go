package aerie_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	aerie "aerie.dev/clients/go"
	"aerie.dev/clients/go/gen/aeriepb"
	fake "aerie.dev/clients/go/internal/fakebroker"
	"aerie.dev/clients/go/internal/fakecontrol"
)

// newControl is a client of one broker for each server.
func newControl(t *testing.T, servers ...*fakecontrol.Server) *aerie.Control {
	t.Helper()
	net := fake.NewNet()
	connection := aerie.Connection{
		Token:       aerie.StaticToken("secret"),
		DialOptions: []grpc.DialOption{net.DialOption()},
	}
	for i, server := range servers {
		name := string(rune('a' + i))
		net.Start(t, name, server)
		connection.Brokers = append(connection.Brokers, fake.Address(name))
	}
	control, err := aerie.NewControl(connection)
	expect(t, err, nil)
	t.Cleanup(func() { expect(t, control.Close(), nil) })
	return control
}

// failing fails the first calls with a code.
func failing(times int, code codes.Code) func(string) error {
	return func(string) error {
		if times--; times >= 0 {
			return status.Error(code, "not now")
		}
		return nil
	}
}

func asked(t *testing.T, server *fakecontrol.Server,
	wanted ...proto.Message) {
	t.Helper()
	got := server.Requests()
	for i, want := range wanted {
		if i >= len(got) || !proto.Equal(got[i], want) {
			t.Fatalf("request %d of %v is not %v", i, got, want)
		}
	}
	expect(t, len(got), len(wanted))
}

func TestCallsSayWhatTheyWereTold(t *testing.T) {
	server := &fakecontrol.Server{}
	control := newControl(t, server)
	ctx := context.Background()
	sent, err := control.Broadcast(ctx, aerie.Broadcast{
		Topic: "room:1", Event: "news", Payload: object{"a": 1},
		ExceptSocketIDs: []string{"users:1"}, IdempotencyKey: "known",
	})
	expect(t, err, nil)
	expect(t, sent, aerie.Sent{Duplicate: true, Edges: 3})
	channels, err := control.Push(ctx, aerie.OneChannel(9), "x", nil)
	expect(t, err, nil)
	expect(t, channels, uint32(2))
	_, err = control.Push(ctx, aerie.ChannelsOf("users:1", "room:1"), "x",
		aerie.Binary([]byte{1}))
	expect(t, err, nil)
	sockets, err := control.Disconnect(ctx, "users:1", 4000)
	expect(t, err, nil)
	expect(t, sockets, uint32(2))
	expires, err := control.RenewToken(ctx, "edge-1/7", "t", "/admin")
	expect(t, err, nil)
	expect(t, expires.Unix(), int64(1))
	channels, err = control.CloseChannel(ctx, aerie.AllChannels("room:1"),
		aerie.CloseShutdown)
	expect(t, err, nil)
	expect(t, channels, uint32(2))
	asked(t, server,
		&aeriepb.BroadcastRequest{
			Topic: "room:1", Event: "news", Payload: fake.JSON(`{"a":1}`),
			ExceptSocketIds: []string{"users:1"}, IdempotencyKey: "known",
		},
		&aeriepb.PushRequest{
			To: &aeriepb.ChannelSelector{
				Selector: &aeriepb.ChannelSelector_Channel{Channel: 9},
			},
			Event: "x",
		},
		&aeriepb.PushRequest{
			To: &aeriepb.ChannelSelector{
				Selector: &aeriepb.ChannelSelector_SocketTopic_{
					SocketTopic: &aeriepb.ChannelSelector_SocketTopic{
						SocketId: "users:1", Topic: "room:1",
					},
				},
			},
			Event: "x",
			Payload: &aeriepb.Payload{
				Kind: &aeriepb.Payload_Binary{Binary: []byte{1}},
			},
		},
		&aeriepb.DisconnectRequest{SocketId: "users:1", Code: 4000},
		&aeriepb.RenewTokenRequest{
			SocketKey: "edge-1/7", Token: "t", Mount: "/admin",
		},
		&aeriepb.CloseChannelRequest{
			Channels: &aeriepb.ChannelSelector{
				Selector: &aeriepb.ChannelSelector_Topic{Topic: "room:1"},
			},
			Reason: aeriepb.CloseChannelRequest_REASON_SHUTDOWN,
		})
	expect(t, server.Tokens()[0], "Bearer secret")
}

func TestABatchTellsOfEachBroadcast(t *testing.T) {
	control := newControl(t, &fakecontrol.Server{
		Results: []*aeriepb.BroadcastBatchResponse_Result{
			{Edges: 2},
			{Status: &spb.Status{Code: 3, Message: "empty"}},
		},
	})
	sent, err := control.BroadcastBatch(context.Background(),
		[]aerie.Broadcast{{Topic: "a", Event: "x"}, {Topic: "", Event: "x"}})
	expect(t, err, nil)
	expect(t, sent[0], aerie.Sent{Edges: 2})
	expect(t, status.Code(sent[1].Err), codes.InvalidArgument)
}

func TestListsAreWalkedOverAllPages(t *testing.T) {
	server := &fakecontrol.Server{
		PageSize: 2,
		Topics: []*aeriepb.TopicInfo{
			{Topic: "a"}, {Topic: "b"}, {Topic: "c"}, {Topic: "d"},
			{Topic: "e"},
		},
		Sockets: []*aeriepb.SocketDetails{
			{Socket: &aeriepb.SocketInfo{Key: "1"}},
			{Socket: &aeriepb.SocketInfo{Key: "2"}},
			{Socket: &aeriepb.SocketInfo{Key: "3"}},
		},
	}
	control := newControl(t, server)
	ctx := context.Background()
	var topics, sockets string
	expect(t, control.EachTopic(ctx, "", func(i *aeriepb.TopicInfo) error {
		topics += i.GetTopic()
		return nil
	}), nil)
	expect(t, topics, "abcde")
	expect(t, control.EachSocket(ctx, "", "",
		func(d *aeriepb.SocketDetails) error {
			sockets += d.GetSocket().GetKey()
			return nil
		}), nil)
	expect(t, sockets, "123")
	expect(t, control.EachTopic(ctx, "", func(*aeriepb.TopicInfo) error {
		return errTest
	}), errTest)
	socket, err := control.GetSocket(ctx, "1")
	expect(t, err, nil)
	expect(t, socket.GetSocket().GetKey(), "1")
}

func TestAnErrorHasItsDetails(t *testing.T) {
	control := newControl(t, &fakecontrol.Server{Fail: func(string) error {
		s, err := status.New(codes.InvalidArgument, "a request is wrong").
			WithDetails(
				&errdetails.ErrorInfo{Reason: "FIELD", Domain: "aerie"},
				&errdetails.BadRequest{
					FieldViolations: []*errdetails.BadRequest_FieldViolation{
						{Field: "topic", Description: "is empty"},
					},
				},
				&errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)},
			)
		expect(t, err, nil)
		return s.Err()
	}})
	_, err := control.Broadcast(context.Background(), aerie.Broadcast{})
	var e *aerie.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v", err)
	}
	expect(t, e.Code, codes.InvalidArgument)
	expect(t, e.Reason, "FIELD")
	expect(t, e.Fields, []aerie.FieldError{{Field: "topic",
		Problem: "is empty"}})
	expect(t, e.RetryAfter, time.Second)
	expect(t, e.Error(), "aerie: Broadcast: InvalidArgument: "+
		"a request is wrong; topic: is empty")
	expect(t, status.Code(err), codes.InvalidArgument)
}

func TestWhatMayBeRepeatedIsTriedAtTheNextBroker(t *testing.T) {
	keyed := aerie.Broadcast{Topic: "a", Event: "x", IdempotencyKey: "k"}
	plain := aerie.Broadcast{Topic: "a", Event: "x"}
	ctx := context.Background()
	for name, c := range map[string]struct {
		call       func(*aerie.Control) error
		repeatable bool
	}{
		"read": {func(c *aerie.Control) error {
			_, err := c.GetTopic(ctx, "a")
			return err
		}, true},
		"disconnect": {func(c *aerie.Control) error {
			_, err := c.Disconnect(ctx, "a", 0)
			return err
		}, true},
		"keyed": {func(c *aerie.Control) error {
			_, err := c.Broadcast(ctx, keyed)
			return err
		}, true},
		"plain": {func(c *aerie.Control) error {
			_, err := c.Broadcast(ctx, plain)
			return err
		}, false},
		"mixed": {func(c *aerie.Control) error {
			_, err := c.BroadcastBatch(ctx, []aerie.Broadcast{keyed, plain})
			return err
		}, false},
		"push": {func(c *aerie.Control) error {
			_, err := c.Push(ctx, aerie.OneChannel(1), "x", nil)
			return err
		}, false},
	} {
		down := &fakecontrol.Server{Fail: failing(9, codes.Unavailable)}
		up := &fakecontrol.Server{}
		control := newControl(t, down, up)
		err := c.call(control)
		expect(t, len(down.Requests()), 1)
		if c.repeatable {
			expect(t, err, nil)
			expect(t, len(up.Requests()), 1)
			continue
		}
		if status.Code(err) != codes.Unavailable || len(up.Requests()) != 0 {
			t.Errorf("%s: got %v", name, err)
		}
		// The next call asks the next broker.
		expect(t, c.call(control), nil)
	}
}

func TestACallIsTriedThreeTimesAtMostAndOnlyWhenUnavailable(t *testing.T) {
	for code, attempts := range map[codes.Code]int{
		codes.Unavailable: 3, codes.ResourceExhausted: 1, codes.NotFound: 1,
	} {
		server := &fakecontrol.Server{Fail: failing(9, code)}
		_, err := newControl(t, server).GetTopic(context.Background(), "a")
		expect(t, status.Code(err), code)
		expect(t, len(server.Requests()), attempts)
	}
}

func TestACallEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := newControl(t, &fakecontrol.Server{}).ClusterInfo(ctx)
	expect(t, status.Code(err), codes.Canceled)
}

func TestAWatcherIsToldOfEachEventAndOfTheEnd(t *testing.T) {
	server := &fakecontrol.Server{
		Events: []*aeriepb.WatchResponse_Event{
			{Kind: aeriepb.WatchResponse_Event_KIND_WATCHING},
			{Kind: aeriepb.WatchResponse_Event_KIND_LOST, Lost: 5},
		},
	}
	control := newControl(t, server)
	watcher, err := control.Watch(context.Background(),
		&aeriepb.WatchRequest{Topics: true})
	expect(t, err, nil)
	defer watcher.Close()
	for _, want := range server.Events {
		got, err := watcher.Next()
		expect(t, err, nil)
		expect(t, proto.Equal(got, want), true)
	}
	_, err = watcher.Next()
	expect(t, status.Code(err), codes.Unavailable)
	asked(t, server, &aeriepb.WatchRequest{Topics: true})
}

func TestAWatchEndsWhenItIsClosed(t *testing.T) {
	control := newControl(t, &fakecontrol.Server{WatchOn: true})
	watcher, err := control.Watch(context.Background(),
		&aeriepb.WatchRequest{})
	expect(t, err, nil)
	watcher.Close()
	_, err = watcher.Next()
	expect(t, status.Code(err), codes.Canceled)
}
