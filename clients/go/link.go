package aerie

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"aerie.dev/clients/go/gen/aeriepb"
)

// link is one Attach stream, from Attached to its end, and the channels on it.
type link struct {
	host       *Host
	address    string
	conn       *grpc.ClientConn
	stream     aeriepb.ChannelHost_AttachClient
	ctx        context.Context
	cancel     context.CancelFunc
	out        *outbox
	overflowed bool // Set before cancel, read after the stream's end.

	// From Attached.
	broker          string
	version         string
	joinTimeout     time.Duration
	payloadBytesMax int

	drained chan struct{} // Closed by Drained.
	ended   chan struct{} // Closed at the stream's end.
	cause   error         // Once ended.

	mu       sync.Mutex
	channels map[uint64]*Channel
	lost     bool
}

// attach opens a stream to one address and registers.
func (h *Host) attach(ctx context.Context, address string) (*link, error) {
	conn, err := h.options.dial(address)
	if err != nil {
		return nil, err
	}
	l := &link{
		host: h, address: address, conn: conn,
		drained:  make(chan struct{}),
		ended:    make(chan struct{}),
		channels: map[uint64]*Channel{},
	}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.out = newOutbox(func() {
		l.overflowed = true
		l.cancel()
	})

	// Both the deadline and the caller's context end the attempt only.
	attempt, attached := context.WithTimeout(ctx, attachTimeout)
	defer attached()
	stop := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		select {
		case <-attempt.Done():
			l.cancel()
		case <-stop:
		}
	}()
	rest, err := l.register()
	close(stop)
	<-stopped
	if err == nil && l.ctx.Err() != nil {
		err = l.ctx.Err()
	}
	if err != nil {
		l.cancel()
		conn.Close()
		if attempt.Err() == context.DeadlineExceeded {
			err = status.Errorf(codes.DeadlineExceeded,
				"no answer within %v", attachTimeout)
		}
		return nil, fmt.Errorf("aerie: attaching to %s: %w", address, err)
	}
	go l.write()
	go l.read(rest)
	return l, nil
}

// register sends Registration and waits for Attached; it returns the frames
// behind it.
func (l *link) register() ([]*aeriepb.ChannelFrame, error) {
	stream, err := aeriepb.NewChannelHostClient(l.conn).Attach(l.ctx)
	if err != nil {
		return nil, err
	}
	l.stream = stream
	err = stream.Send(&aeriepb.AttachRequest{Frames: []*aeriepb.HostFrame{
		l.host.registration(),
	}})
	if err != nil && err != io.EOF { // Recv tells what has happened.
		return nil, err
	}
	response, err := stream.Recv()
	for err == nil && len(response.GetFrames()) == 0 {
		response, err = stream.Recv()
	}
	if err == io.EOF {
		err = status.Error(codes.Unavailable, "the broker ended the stream")
	}
	if err != nil {
		return nil, err
	}
	hello := response.GetFrames()[0].GetAttached()
	if hello == nil {
		return nil, status.Error(codes.Internal,
			"the first frame is not Attached")
	}
	if hello.GetMajor() != protocolMajor {
		return nil, status.Errorf(codes.FailedPrecondition,
			"the broker speaks version %d of the protocol, not %d",
			hello.GetMajor(), protocolMajor)
	}
	l.broker = hello.GetBroker()
	l.version = hello.GetVersion()
	l.joinTimeout = time.Duration(hello.GetJoinDeadlineMs()) *
		time.Millisecond
	if l.joinTimeout == 0 {
		l.joinTimeout = joinTimeout
	}
	l.payloadBytesMax = int(hello.GetPayloadBytesMax())
	if l.payloadBytesMax == 0 {
		l.payloadBytesMax = payloadBytesMaxDefault
	}
	return response.GetFrames()[1:], nil
}

func (l *link) write() {
	for {
		frames, ok := l.out.take(l.ctx)
		if !ok {
			_ = l.stream.CloseSend() // Never fails.
			return
		}
		err := l.stream.Send(&aeriepb.AttachRequest{Frames: frames})
		if err == io.EOF {
			return // read hears the cause.
		}
		if err != nil {
			l.host.log.Error("not sent", "error", err)
			l.cancel()
			return
		}
	}
}

func (l *link) read(frames []*aeriepb.ChannelFrame) {
	for {
		for _, frame := range frames {
			l.take(frame)
		}
		response, err := l.stream.Recv()
		if err != nil {
			l.end(err)
			return
		}
		frames = response.GetFrames()
	}
}

// end closes every channel that is left.
func (l *link) end(cause error) {
	if l.overflowed {
		cause = errNotReading
	}
	l.cause = cause
	l.mu.Lock()
	l.lost = true
	left := make([]*Channel, 0, len(l.channels))
	for _, c := range l.channels {
		left = append(left, c)
	}
	l.mu.Unlock()
	for _, c := range left {
		l.host.ends.add(endChannel(l.broker, c.id), c.ctx.Done())
		_ = c.deliver(entry{lost: true}) // Fails for SendSelf only.
	}
	l.cancel()
	l.out.end()
	l.conn.Close()
	close(l.ended)
}

// take deals with one frame of the broker.
func (l *link) take(frame *aeriepb.ChannelFrame) {
	switch f := frame.GetFrame().(type) {
	case *aeriepb.ChannelFrame_Join_:
		l.open(frame, f.Join)
	case *aeriepb.ChannelFrame_Terminate_:
		l.takeTerminate(frame, f.Terminate)
	case *aeriepb.ChannelFrame_Connect_:
		go l.host.answerConnect(l, f.Connect)
	case *aeriepb.ChannelFrame_Draining_:
		l.host.log.Info("the broker drains", "broker", l.broker)
	case *aeriepb.ChannelFrame_Drained_:
		select {
		case <-l.drained:
		default:
			close(l.drained)
		}
	case *aeriepb.ChannelFrame_HandleIn_, *aeriepb.ChannelFrame_HandleOut_,
		*aeriepb.ChannelFrame_HandleInfo_:
		if c := l.find(frame.GetChannel()); c != nil {
			_ = c.deliver(entry{frame: frame})
		} else {
			l.done(frame.GetChannel(), 1)
		}
	}
}

// open makes the channel of a Join.
func (l *link) open(frame *aeriepb.ChannelFrame,
	join *aeriepb.ChannelFrame_Join) {
	route := l.host.route(join.GetPattern())
	if route == nil {
		l.out.put(&aeriepb.HostFrame{
			Channel: frame.GetChannel(),
			Frame: &aeriepb.HostFrame_JoinReply_{
				JoinReply: &aeriepb.HostFrame_JoinReply{Crashed: true},
			},
		})
		return
	}
	c := l.newChannel(frame.GetChannel(), join.GetTopic(), route,
		join.GetSocket(), join.GetSocket().GetAssigns())
	_ = c.deliver(entry{frame: frame})
}

func (l *link) takeTerminate(frame *aeriepb.ChannelFrame,
	terminate *aeriepb.ChannelFrame_Terminate) {
	id := frame.GetChannel()
	if c := l.find(id); c != nil {
		_ = c.deliver(entry{frame: frame})
		return
	}
	route := l.host.route(terminate.GetPattern())
	if !terminate.GetRedelivered() || route == nil {
		l.terminated(id, terminate.GetEventId())
		return
	}
	done := l.host.ends.find(endChannel(l.broker, id),
		endEvent(terminate.GetEventId()))
	if done != nil {
		go func() { // One for each credit at most.
			<-done
			l.terminated(id, terminate.GetEventId())
		}()
		return
	}
	c := l.newChannel(id, terminate.GetTopic(), route, terminate.GetSocket(),
		terminate.GetAssigns())
	c.phase = stopping // Its broadcasts go out; brokers drop the rest.
	_ = c.deliver(entry{frame: frame})
}

func (l *link) newChannel(id uint64, topic string, route *route,
	socket *aeriepb.SocketInfo, assigns string) *Channel {
	c := &Channel{
		id: id, topic: topic, route: route, link: l,
		socket: Socket{
			Key: socket.GetKey(), ID: socket.GetSocketId(),
			Assigns: json.RawMessage(orObject(socket.GetAssigns())),
		},
	}
	// Assigns that do not parse are none: brokers send objects.
	_ = json.Unmarshal([]byte(orObject(assigns)), &c.assigns)
	c.ctx, c.cancel = context.WithCancel(context.Background())
	l.host.active.Add(1)
	l.mu.Lock()
	l.channels[id] = c
	l.mu.Unlock()
	return c
}

func orObject(assigns string) string {
	if assigns == "" {
		return "{}"
	}
	return assigns
}

func (l *link) find(id uint64) *Channel {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.channels[id]
}

func (l *link) forget(c *Channel) {
	l.mu.Lock()
	if l.channels[c.id] == c {
		delete(l.channels, c.id)
	}
	l.mu.Unlock()
	l.host.active.Done()
}

func (l *link) isLost() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}

func (l *link) done(channel uint64, callbacks uint32) {
	l.out.put(&aeriepb.HostFrame{
		Channel: channel,
		Frame: &aeriepb.HostFrame_Done_{
			Done: &aeriepb.HostFrame_Done{Callbacks: callbacks},
		},
	})
}

func (l *link) terminated(channel uint64, eventID string) {
	l.out.put(&aeriepb.HostFrame{
		Channel: channel,
		Frame: &aeriepb.HostFrame_Terminated_{
			Terminated: &aeriepb.HostFrame_Terminated{EventId: eventID},
		},
	})
}

// encodeEvent checks what a push or a broadcast carries.
func (l *link) encodeEvent(event string, v any) (Payload, error) {
	if err := checkEvent(event); err != nil {
		return Payload{}, err
	}
	payload, err := encodeEvent(v)
	if err != nil {
		return Payload{}, err
	}
	return payload, l.checkSize(payload)
}

func (l *link) checkSize(payload Payload) error {
	if payload.size() > l.payloadBytesMax {
		return fmt.Errorf("aerie: a payload of %d bytes, at most %d",
			payload.size(), l.payloadBytesMax)
	}
	return nil
}

// fatal tells whether an attempt failed for a reason that is there to stay.
func fatal(err error) bool {
	var s interface{ GRPCStatus() *status.Status }
	if !errors.As(err, &s) {
		return false
	}
	switch s.GRPCStatus().Code() {
	case codes.FailedPrecondition, codes.InvalidArgument, codes.Unimplemented,
		codes.Unauthenticated, codes.PermissionDenied:
		return true
	}
	return false
}
