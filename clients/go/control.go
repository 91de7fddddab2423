package aerie

import (
	"context"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"aerie.dev/clients/go/gen/aeriepb"
)

// Control acts on topics and sockets. All methods may be called from any
// goroutine.
//
// A call whose context has no deadline gets one of 5 s. Calls that can be
// repeated are tried up to three times, each at the next broker, when one is
// unavailable. Errors of the broker are *Error.
type Control struct {
	conns   []*grpc.ClientConn
	current uint32 // Counts up; modulo the brokers.
}

// NewControl makes a client; it connects on first use.
func NewControl(connection Connection) (*Control, error) {
	c := &Control{}
	for _, address := range connection.brokers() {
		conn, err := connection.dial(address)
		if err != nil {
			_ = c.Close()
			return nil, err
		}
		c.conns = append(c.conns, conn)
	}
	return c, nil
}

// Close ends the connections.
func (c *Control) Close() error {
	var first error
	for _, conn := range c.conns {
		if err := conn.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

func (c *Control) client(n uint32) aeriepb.ControlClient {
	return aeriepb.NewControlClient(c.conns[n%uint32(len(c.conns))])
}

func (c *Control) turn() uint32 { return atomic.LoadUint32(&c.current) }

// leave moves on from the broker of a turn when that one is unavailable. Others
// that failed at it may have done so already.
func (c *Control) leave(turn uint32, err error) bool {
	if status.Code(err) != codes.Unavailable {
		return false
	}
	atomic.CompareAndSwapUint32(&c.current, turn, turn+1)
	return true
}

// call makes a call, and repeats it where it may be repeated.
func call[T any](ctx context.Context, c *Control, method string,
	repeatable bool, f func(context.Context, aeriepb.ControlClient) (T, error),
) (T, error) {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, callTimeout)
		defer cancel()
	}
	for attempt := 1; ; attempt++ {
		turn := c.turn()
		response, err := f(ctx, c.client(turn))
		if c.leave(turn, err) && repeatable && attempt < attemptsMax &&
			sleep(ctx, pause(attempt)) {
			continue
		}
		return response, toError(method, err)
	}
}

// Broadcast is an event to every channel of a topic.
type Broadcast struct {
	Topic string
	Event string
	// As Payload says: a JSON object or bytes.
	Payload any
	// Sockets of these ids do not get it; at most 100.
	ExceptSocketIDs []string
	// What has been sent with the same key, not long ago, is not sent again.
	// With one, the call can be repeated.
	IdempotencyKey string
}

func (b Broadcast) proto() (*aeriepb.BroadcastRequest, error) {
	payload, err := encode(b.Payload)
	if err != nil {
		return nil, err
	}
	return &aeriepb.BroadcastRequest{
		Topic: b.Topic, Event: b.Event, Payload: payload.proto(),
		ExceptSocketIds: b.ExceptSocketIDs, IdempotencyKey: b.IdempotencyKey,
	}, nil
}

// Sent is what became of a broadcast.
type Sent struct {
	// The idempotency key was known: nothing was sent.
	Duplicate bool
	// How many edges it was sent to.
	Edges uint32
	// Of BroadcastBatch: why it was not sent.
	Err error
}

// Broadcast sends an event to every channel of a topic. Scope `publish`.
func (c *Control) Broadcast(ctx context.Context, broadcast Broadcast) (Sent,
	error) {
	request, err := broadcast.proto()
	if err != nil {
		return Sent{}, err
	}
	response, err := call(ctx, c, "Broadcast", broadcast.IdempotencyKey != "",
		func(ctx context.Context, client aeriepb.ControlClient) (
			*aeriepb.BroadcastResponse, error) {
			return client.Broadcast(ctx, request)
		})
	return Sent{
		Duplicate: response.GetDuplicate(), Edges: response.GetEdges(),
	}, err
}

// BroadcastBatch sends up to 1,000 broadcasts, in order per topic, and tells of
// each what became of it. Scope `publish`.
func (c *Control) BroadcastBatch(ctx context.Context,
	broadcasts []Broadcast) ([]Sent, error) {
	request := &aeriepb.BroadcastBatchRequest{}
	repeatable := true
	for _, broadcast := range broadcasts {
		one, err := broadcast.proto()
		if err != nil {
			return nil, err
		}
		repeatable = repeatable && one.IdempotencyKey != ""
		request.Broadcasts = append(request.Broadcasts, one)
	}
	response, err := call(ctx, c, "BroadcastBatch", repeatable,
		func(ctx context.Context, client aeriepb.ControlClient) (
			*aeriepb.BroadcastBatchResponse, error) {
			return client.BroadcastBatch(ctx, request)
		})
	if err != nil {
		return nil, err
	}
	sent := make([]Sent, len(response.GetResults()))
	for i, result := range response.GetResults() {
		sent[i] = Sent{
			Duplicate: result.GetDuplicate(), Edges: result.GetEdges(),
			Err: statusError("Broadcast", status.FromProto(result.GetStatus())),
		}
	}
	return sent, nil
}

// Selector names channels.
type Selector struct{ selector *aeriepb.ChannelSelector }

// OneChannel is a channel by its id.
func OneChannel(id uint64) Selector {
	return Selector{&aeriepb.ChannelSelector{
		Selector: &aeriepb.ChannelSelector_Channel{Channel: id},
	}}
}

// ChannelsOf are the channels of a socket id on a topic.
func ChannelsOf(socketID, topic string) Selector {
	return Selector{&aeriepb.ChannelSelector{
		Selector: &aeriepb.ChannelSelector_SocketTopic_{
			SocketTopic: &aeriepb.ChannelSelector_SocketTopic{
				SocketId: socketID, Topic: topic,
			},
		},
	}}
}

// AllChannels are the channels of a topic. Not for Push: that is Broadcast.
func AllChannels(topic string) Selector {
	return Selector{&aeriepb.ChannelSelector{
		Selector: &aeriepb.ChannelSelector_Topic{Topic: topic},
	}}
}

// Push sends an event to the clients of channels, and tells to how many. Scope
// `publish`.
func (c *Control) Push(ctx context.Context, to Selector, event string,
	payload any) (uint32, error) {
	encoded, err := encode(payload)
	if err != nil {
		return 0, err
	}
	response, err := call(ctx, c, "Push", false,
		func(ctx context.Context, client aeriepb.ControlClient) (
			*aeriepb.PushResponse, error) {
			return client.Push(ctx, &aeriepb.PushRequest{
				To: to.selector, Event: event, Payload: encoded.proto(),
			})
		})
	return response.GetChannels(), err
}

// Disconnect ends every connection of a socket id, and tells how many. The
// close code is 1001 when code is 0. Scope `admin`.
func (c *Control) Disconnect(ctx context.Context, socketID string,
	code uint32) (uint32, error) {
	response, err := call(ctx, c, "Disconnect", true,
		func(ctx context.Context, client aeriepb.ControlClient) (
			*aeriepb.DisconnectResponse, error) {
			return client.Disconnect(ctx, &aeriepb.DisconnectRequest{
				SocketId: socketID, Code: code,
			})
		})
	return response.GetSockets(), err
}

// RenewToken gives a socket, by its key, a newer token, as its client would
// show it to the mount, /socket when mount is empty. It tells until when the
// token is good; the zero time means for ever. Scope `admin`.
func (c *Control) RenewToken(ctx context.Context, socketKey, token,
	mount string) (time.Time, error) {
	response, err := call(ctx, c, "RenewToken", true,
		func(ctx context.Context, client aeriepb.ControlClient) (
			*aeriepb.RenewTokenResponse, error) {
			return client.RenewToken(ctx, &aeriepb.RenewTokenRequest{
				SocketKey: socketKey, Token: token, Mount: mount,
			})
		})
	if err != nil || response.GetExpires() == nil {
		return time.Time{}, err
	}
	return response.GetExpires().AsTime(), nil
}

// CloseReason is how a channel that is closed ends for its client.
type CloseReason int

// The ways to close: with phx_error, so that the client joins again, or with
// phx_close, so that it stays away.
const (
	CloseRestart  = CloseReason(aeriepb.CloseChannelRequest_REASON_RESTART)
	CloseShutdown = CloseReason(aeriepb.CloseChannelRequest_REASON_SHUTDOWN)
)

// CloseChannel ends channels, and tells how many. Scope `admin`.
func (c *Control) CloseChannel(ctx context.Context, channels Selector,
	reason CloseReason) (uint32, error) {
	response, err := call(ctx, c, "CloseChannel", true,
		func(ctx context.Context, client aeriepb.ControlClient) (
			*aeriepb.CloseChannelResponse, error) {
			return client.CloseChannel(ctx, &aeriepb.CloseChannelRequest{
				Channels: channels.selector,
				Reason:   aeriepb.CloseChannelRequest_Reason(reason),
			})
		})
	return response.GetChannels(), err
}
