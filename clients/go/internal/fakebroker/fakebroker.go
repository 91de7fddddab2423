// Package fakebroker is a broker for tests: it records what hosts and callers
// say, and says what the test wants. It decides nothing by itself.
package fakebroker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"

	"aerie.dev/clients/go/gen/aeriepb"
)

// patience is how long a test waits for what must happen.
const patience = 10 * time.Second

// Net is a network without ports: brokers by name.
type Net struct {
	// For brokers that are started from now on.
	ServerOptions []grpc.ServerOption

	mu        sync.Mutex
	listeners map[string]*bufconn.Listener
}

// NewNet makes an empty network.
func NewNet() *Net {
	return &Net{listeners: map[string]*bufconn.Listener{}}
}

// Address is the address of a broker, for gRPC.
func Address(name string) string { return "passthrough:///" + name }

// DialOption lets gRPC reach the brokers of the network.
func (n *Net) DialOption() grpc.DialOption {
	return grpc.WithContextDialer(
		func(ctx context.Context, name string) (net.Conn, error) {
			n.mu.Lock()
			listener := n.listeners[name]
			n.mu.Unlock()
			if listener == nil {
				return nil, fmt.Errorf("nobody listens at %s", name)
			}
			return listener.DialContext(ctx)
		})
}

// Broker is one broker, until the test ends or Kill.
type Broker struct {
	aeriepb.UnimplementedChannelHostServer

	// What a stream is answered with before it is accepted; nil: nothing.
	Refuse func() error

	t        testing.TB
	server   *grpc.Server
	accepted chan *Attachment
}

// Start starts a broker. Control, when given, serves the other service.
func (n *Net) Start(t testing.TB, name string,
	control aeriepb.ControlServer) *Broker {
	t.Helper()
	b := &Broker{t: t, accepted: make(chan *Attachment, 16)}
	listener := bufconn.Listen(1 << 20)
	n.mu.Lock()
	n.listeners[name] = listener
	n.mu.Unlock()
	b.server = grpc.NewServer(append([]grpc.ServerOption{
		grpc.MaxRecvMsgSize(17 << 20),
	}, n.ServerOptions...)...)
	aeriepb.RegisterChannelHostServer(b.server, b)
	if control != nil {
		aeriepb.RegisterControlServer(b.server, control)
	}
	go func() { _ = b.server.Serve(listener) }() // Ends with Stop.
	t.Cleanup(b.Kill)
	return b
}

// Kill ends every connection.
func (b *Broker) Kill() { b.server.Stop() }

// Attach serves a host: until the test ends the stream, or the host does.
func (b *Broker) Attach(stream aeriepb.ChannelHost_AttachServer) error {
	if b.Refuse != nil {
		if err := b.Refuse(); err != nil {
			return err
		}
	}
	a := &Attachment{
		t: b.t, stream: stream,
		frames: make(chan *aeriepb.HostFrame, 4096),
		end:    make(chan error, 1),
		Closed: make(chan struct{}),
	}
	go a.read()
	b.accepted <- a
	select {
	case err := <-a.end:
		return err
	case <-stream.Context().Done():
		return stream.Context().Err()
	}
}

// Attachment is one host's stream.
type Attachment struct {
	t        testing.TB
	stream   aeriepb.ChannelHost_AttachServer
	frames   chan *aeriepb.HostFrame
	end      chan error
	messages int

	// Closed when the host has half-closed, or is gone.
	Closed       chan struct{}
	Registration *aeriepb.HostFrame_Registration
}

func (a *Attachment) read() {
	defer close(a.Closed)
	for {
		request, err := a.stream.Recv()
		if err != nil {
			return
		}
		for _, frame := range request.GetFrames() {
			a.frames <- frame
		}
	}
}

// Silent waits for a host, and does not answer it.
func (b *Broker) Silent() *Attachment {
	b.t.Helper()
	select {
	case a := <-b.accepted:
		a.Registration = a.Next().GetRegistration()
		if a.Registration == nil {
			b.t.Fatal("the first frame is not Registration")
		}
		return a
	case <-time.After(patience):
		b.t.Fatal("no host has come")
		return nil
	}
}

// Accept waits for a host, and answers it as the broker of that name.
func (b *Broker) Accept(name string) *Attachment {
	b.t.Helper()
	a := b.Silent()
	a.Send(&aeriepb.ChannelFrame{Frame: &aeriepb.ChannelFrame_Attached_{
		Attached: &aeriepb.ChannelFrame_Attached{
			Major: 1, Broker: name, Version: "test", Capacity: 1024,
			PayloadBytesMax: 10_000_000, JoinDeadlineMs: 9000,
		},
	}})
	return a
}

// Send sends frames as one message.
func (a *Attachment) Send(frames ...*aeriepb.ChannelFrame) {
	a.t.Helper()
	err := a.stream.Send(&aeriepb.AttachResponse{Frames: frames})
	if err != nil {
		a.t.Fatalf("not sent: %v", err)
	}
}

// Next waits for the next frame.
func (a *Attachment) Next() *aeriepb.HostFrame {
	a.t.Helper()
	frame, err := a.next()
	if err != nil {
		a.t.Fatal(err)
	}
	return frame
}

func (a *Attachment) next() (*aeriepb.HostFrame, error) {
	select {
	case frame := <-a.frames:
		return frame, nil
	case <-time.After(patience):
		return nil, errors.New("no frame has come")
	}
}

// Expect waits for these frames, in this order.
func (a *Attachment) Expect(wanted ...*aeriepb.HostFrame) {
	a.t.Helper()
	for i, want := range wanted {
		got := a.Next()
		if !proto.Equal(got, want) {
			a.t.Fatalf("frame %d:\n got %v\nwant %v", i, got, want)
		}
	}
}

// Header is what the host sent in the stream's metadata.
func (a *Attachment) Header(name string) []string {
	md, _ := metadata.FromIncomingContext(a.stream.Context())
	return md.Get(name)
}

// End ends the stream.
func (a *Attachment) End(err error) { a.end <- err }

// AwaitClosed waits until the host has half-closed.
func (a *Attachment) AwaitClosed() {
	a.t.Helper()
	select {
	case <-a.Closed:
	case <-time.After(patience):
		a.t.Fatal("the host has not closed the stream")
	}
}
