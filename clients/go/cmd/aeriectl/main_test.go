package main

import (
	"bytes"
	"context"
	"flag"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"aerie.dev/clients/go/gen/aeriepb"
	fake "aerie.dev/clients/go/internal/fakebroker"
	"aerie.dev/clients/go/internal/fakecontrol"
)

var update = flag.Bool("update", false, "write the golden files anew")

// shell is what a test types into.
type shell struct {
	t   *testing.T
	env map[string]string
	in  string
	now time.Time
	ctx context.Context
}

type result struct {
	code   int
	out    string
	errors string
}

func newShell(t *testing.T, server aeriepb.ControlServer) *shell {
	t.Helper()
	s := &shell{
		t: t, env: map[string]string{}, ctx: context.Background(),
		now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	if server == nil {
		return s
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serving := grpc.NewServer()
	aeriepb.RegisterControlServer(serving, server)
	go func() { _ = serving.Serve(listener) }() // Ends with Stop.
	t.Cleanup(serving.Stop)
	s.env["AERIE_BROKER"] = listener.Addr().String()
	return s
}

func (s *shell) run(arguments ...string) result {
	s.t.Helper()
	var out, errors bytes.Buffer
	code := run(s.ctx, arguments, &world{
		in: strings.NewReader(s.in), out: &out, errors: &errors,
		getenv: func(name string) string { return s.env[name] },
		now:    func() time.Time { return s.now },
	})
	return result{code, out.String(), errors.String()}
}

// ok runs what must work, and returns what it prints.
func (s *shell) ok(arguments ...string) string {
	s.t.Helper()
	r := s.run(arguments...)
	if r.code != exitOk || r.errors != "" {
		s.t.Fatalf("%v ends with %d: %s", arguments, r.code, r.errors)
	}
	return r.out
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n got %s\nwant %s", name, got, want)
	}
}

func at(seconds int64) *timestamppb.Timestamp {
	return timestamppb.New(time.Unix(1_700_000_000+seconds, 250_000_000))
}

// broker is a broker with something in it.
func broker() *fakecontrol.Server {
	ann := &aeriepb.SocketInfo{
		Key: "e-1/7", SocketId: "users:1", Assigns: `{"user":"ann"}`,
	}
	return &fakecontrol.Server{
		PageSize: 2,
		Topics: []*aeriepb.TopicInfo{
			{Topic: "room:\x1b[31mred", Channels: 1},
			{Topic: "room:1", Channels: 12},
			{Topic: "room:2", Channels: 3},
		},
		Topic: &aeriepb.GetTopicResponse{
			Topic: "room:1", Channels: 12,
			Edges: []*aeriepb.GetTopicResponse_Share{
				{Name: "e-1", Channels: 7}, {Name: "e-2", Channels: 5},
			},
			Hosts: []*aeriepb.GetTopicResponse_Share{
				{Name: "chat", Channels: 12},
			},
			Sample: []*aeriepb.ChannelInfo{
				{
					Channel: 9223372036854775809, SocketKey: "e-1/7",
					SocketId: "users:1", Edge: "e-1", Host: "chat",
				},
				{Channel: 10, SocketKey: "e-2/1", Edge: "e-2", Host: "chat"},
			},
		},
		Sockets: []*aeriepb.SocketDetails{
			{
				Socket: ann, Edge: "e-1",
				Transport: aeriepb.Transport_TRANSPORT_WEBSOCKET,
				Dialect:   aeriepb.Dialect_DIALECT_V2,
				Peer:      "192.0.2.7:51000", Since: at(0), TopicsCount: 2,
				Topics: []string{"room:1", "room:2"}, EdgeQueuedBytes: 512,
			},
			{
				Socket: &aeriepb.SocketInfo{Key: "e-1/8"}, Edge: "e-1",
				Transport: aeriepb.Transport_TRANSPORT_LONG_POLL,
				Dialect:   aeriepb.Dialect_DIALECT_V1,
			},
			{Socket: &aeriepb.SocketInfo{Key: "e-1/9"}, Edge: "e-1"},
		},
		Info: &aeriepb.ClusterInfoResponse{
			Brokers: []*aeriepb.ClusterInfoResponse_Broker{{
				Name: "b-1", Version: "1.0.0",
				Uptime:  durationpb.New(3*time.Hour + 1499*time.Millisecond),
				Sockets: 3, Channels: 16, Topics: 3,
			}},
			Edges: []*aeriepb.ClusterInfoResponse_Edge{{
				Name: "e-1", Version: "1.0.0",
				LinkedFor: durationpb.New(time.Minute), Sockets: 3,
				QueuedBytes: 512,
			}},
			Hosts: []*aeriepb.ClusterInfoResponse_Host{
				{Name: "relay", Patterns: []string{"relay:*"}},
				{
					Name: "chat", Instance: "chat-7f", Version: "2.1",
					AttachedFor: durationpb.New(time.Hour),
					Patterns:    []string{"room:*", "lobby"}, Channels: 16,
					InFlight: 2, Draining: true,
				},
			},
		},
		Events: []*aeriepb.WatchResponse_Event{
			{Kind: aeriepb.WatchResponse_Event_KIND_WATCHING, Time: at(0)},
			{
				Kind: aeriepb.WatchResponse_Event_KIND_CONNECTED, Time: at(1),
				Socket: ann,
			},
			{
				Kind: aeriepb.WatchResponse_Event_KIND_JOINED, Time: at(2),
				Topic: "room:1", Socket: ann, Channel: 9,
			},
			{
				Kind: aeriepb.WatchResponse_Event_KIND_BROADCAST, Time: at(3),
				Topic: "room:1", Event: "news",
				Payload: fake.JSON(`{"a": 1}`),
			},
			{Kind: aeriepb.WatchResponse_Event_KIND_LOST, Time: at(4), Lost: 7},
			{
				Kind: aeriepb.WatchResponse_Event_KIND_LEFT, Time: at(5),
				Topic: "room:1", Socket: ann, Channel: 9,
				Reason: aeriepb.ExitReason_EXIT_REASON_CLOSED,
			},
		},
		WatchEnd: status.Error(codes.Unavailable, "the broker is draining"),
	}
}

func TestOutput(t *testing.T) {
	for name, arguments := range map[string][]string{
		"broadcast":  {"broadcast", "room:1", "news", `{"a":1}`},
		"duplicate":  {"broadcast", "room:1", "news", "--key", "known"},
		"push":       {"push", "--channel", "9", "hint"},
		"disconnect": {"disconnect", "users:1"},
		"close":      {"close", "--topic", "room:1"},
		"renew":      {"renew", "e-1/7", "t"},
		"topics":     {"topics"},
		"first":      {"topics", "--limit", "2"},
		"topic":      {"topics", "room:1"},
		"sockets":    {"sockets"},
		"socket":     {"sockets", "e-1/7"},
		"info":       {"info"},
	} {
		s := newShell(t, broker())
		golden(t, name, s.ok(arguments...))
		golden(t, name+".json", s.ok(append(arguments, "-o", "json")...))
	}
}

func TestAWatchPrintsEachEventUntilTheBrokerIsGone(t *testing.T) {
	s := newShell(t, broker())
	for name, format := range map[string]string{
		"watch": "table", "watch.json": "json",
	} {
		r := s.run("watch", "-o", format)
		golden(t, name, r.out)
		if r.code != exitUnavailable ||
			!strings.Contains(r.errors, "the broker is draining") {
			t.Errorf("ends with %d: %s", r.code, r.errors)
		}
	}
}

func TestAWatchThatIsInterruptedHasWorked(t *testing.T) {
	server := broker()
	server.WatchOn = true
	server.Asked = make(chan struct{})
	s := newShell(t, server)
	ctx, cancel := context.WithCancel(context.Background())
	s.ctx = ctx
	ended := make(chan result, 1)
	go func() { ended <- s.run("watch", "--broadcasts", "room:*") }()
	<-server.Asked
	cancel()
	if r := <-ended; r.code != exitOk || r.errors != "" {
		t.Errorf("ends with %d: %s", r.code, r.errors)
	}
	want := &aeriepb.WatchRequest{Broadcasts: []string{"room:*"}}
	if got := server.Requests()[0]; !proto.Equal(got, want) {
		t.Errorf("asked for %v", got)
	}
}

func TestWhatIsAskedIsWhatWasTyped(t *testing.T) {
	file := filepath.Join(t.TempDir(), "payload")
	if err := os.WriteFile(file, []byte(`{"b":2}`), 0o600); err != nil {
		t.Fatal(err)
	}
	bytes := &aeriepb.Payload{
		Kind: &aeriepb.Payload_Binary{Binary: []byte(`{"in":1}`)},
	}
	one := &aeriepb.ChannelSelector{
		Selector: &aeriepb.ChannelSelector_Channel{Channel: 9},
	}
	of := &aeriepb.ChannelSelector{
		Selector: &aeriepb.ChannelSelector_SocketTopic_{
			SocketTopic: &aeriepb.ChannelSelector_SocketTopic{
				SocketId: "users:1", Topic: "room:1",
			},
		},
	}
	for _, c := range []struct {
		typed string
		want  proto.Message
	}{
		{`broadcast a x {"b":2.0} --except u:1,u:2 --key k`,
			&aeriepb.BroadcastRequest{
				Topic: "a", Event: "x", Payload: fake.JSON(`{"b":2.0}`),
				ExceptSocketIds: []string{"u:1", "u:2"}, IdempotencyKey: "k",
			}},
		{"broadcast a x", &aeriepb.BroadcastRequest{Topic: "a", Event: "x"}},
		{"broadcast a x -", &aeriepb.BroadcastRequest{
			Topic: "a", Event: "x", Payload: fake.JSON(`{"in":1}`),
		}},
		{"broadcast a x @" + file, &aeriepb.BroadcastRequest{
			Topic: "a", Event: "x", Payload: fake.JSON(`{"b":2}`),
		}},
		{"push --channel 9 x - --binary", &aeriepb.PushRequest{
			To: one, Event: "x", Payload: bytes,
		}},
		{"push --socket-id users:1 --topic room:1 x", &aeriepb.PushRequest{
			To: of, Event: "x",
		}},
		{"disconnect u:1 --code 4000", &aeriepb.DisconnectRequest{
			SocketId: "u:1", Code: 4000,
		}},
		{"renew e-1/7 - --mount /admin", &aeriepb.RenewTokenRequest{
			SocketKey: "e-1/7", Token: `{"in":1}`, Mount: "/admin",
		}},
		{"close --topic room:1 --socket-id users:1 --shutdown",
			&aeriepb.CloseChannelRequest{
				Channels: of,
				Reason:   aeriepb.CloseChannelRequest_REASON_SHUTDOWN,
			}},
		{"close --channel 9", &aeriepb.CloseChannelRequest{
			Channels: one, Reason: aeriepb.CloseChannelRequest_REASON_RESTART,
		}},
		{"topics --prefix room:", &aeriepb.ListTopicsRequest{
			Prefix: "room:", PageSize: 1000,
		}},
		{"sockets --id u:1 --edge e-1", &aeriepb.ListSocketsRequest{
			SocketId: "u:1", Edge: "e-1", PageSize: 1000,
		}},
	} {
		server := &fakecontrol.Server{}
		s := newShell(t, server)
		s.in = `{"in":1}`
		s.ok(strings.Fields(c.typed)...)
		got := server.Requests()
		if len(got) != 1 || !proto.Equal(got[0], c.want) {
			t.Errorf("%s:\n got %v\nwant %v", c.typed, got, c.want)
		}
	}
}
