package aerie

import (
	"context"

	"aerie.dev/clients/go/gen/aeriepb"
)

// ListTopics is one page of the topics that have channels. Scope `read`, as all
// that follow.
func (c *Control) ListTopics(ctx context.Context,
	request *aeriepb.ListTopicsRequest) (*aeriepb.ListTopicsResponse, error) {
	return call(ctx, c, "ListTopics", true,
		func(ctx context.Context, client aeriepb.ControlClient) (
			*aeriepb.ListTopicsResponse, error) {
			return client.ListTopics(ctx, request)
		})
}

// EachTopic walks over all pages of the topics that begin with a prefix, until
// f returns an error, which it returns.
func (c *Control) EachTopic(ctx context.Context, prefix string,
	f func(*aeriepb.TopicInfo) error) error {
	request := &aeriepb.ListTopicsRequest{Prefix: prefix, PageSize: pageSize}
	for {
		page, err := c.ListTopics(ctx, request)
		if err != nil {
			return err
		}
		for _, topic := range page.GetTopics() {
			if err := f(topic); err != nil {
				return err
			}
		}
		request.PageToken = page.GetNextPageToken()
		if request.PageToken == "" {
			return nil
		}
	}
}

// GetTopic is one topic; codes.NotFound when it has no channels.
func (c *Control) GetTopic(ctx context.Context, topic string) (
	*aeriepb.GetTopicResponse, error) {
	return call(ctx, c, "GetTopic", true,
		func(ctx context.Context, client aeriepb.ControlClient) (
			*aeriepb.GetTopicResponse, error) {
			return client.GetTopic(ctx, &aeriepb.GetTopicRequest{Topic: topic})
		})
}

// ListSockets is one page of the broker's sockets.
func (c *Control) ListSockets(ctx context.Context,
	request *aeriepb.ListSocketsRequest) (*aeriepb.ListSocketsResponse, error) {
	return call(ctx, c, "ListSockets", true,
		func(ctx context.Context, client aeriepb.ControlClient) (
			*aeriepb.ListSocketsResponse, error) {
			return client.ListSockets(ctx, request)
		})
}

// EachSocket walks over all pages of the sockets of a socket id and an edge;
// both may be empty. It ends when f returns an error, which it returns.
func (c *Control) EachSocket(ctx context.Context, socketID, edge string,
	f func(*aeriepb.SocketDetails) error) error {
	request := &aeriepb.ListSocketsRequest{
		SocketId: socketID, Edge: edge, PageSize: pageSize,
	}
	for {
		page, err := c.ListSockets(ctx, request)
		if err != nil {
			return err
		}
		for _, socket := range page.GetSockets() {
			if err := f(socket); err != nil {
				return err
			}
		}
		request.PageToken = page.GetNextPageToken()
		if request.PageToken == "" {
			return nil
		}
	}
}

// GetSocket is one socket by its key; codes.NotFound when it is gone.
func (c *Control) GetSocket(ctx context.Context, key string) (
	*aeriepb.SocketDetails, error) {
	response, err := call(ctx, c, "GetSocket", true,
		func(ctx context.Context, client aeriepb.ControlClient) (
			*aeriepb.GetSocketResponse, error) {
			return client.GetSocket(ctx, &aeriepb.GetSocketRequest{Key: key})
		})
	return response.GetSocket(), err
}

// ClusterInfo is the broker, its edges and hosts.
func (c *Control) ClusterInfo(ctx context.Context) (
	*aeriepb.ClusterInfoResponse, error) {
	return call(ctx, c, "ClusterInfo", true,
		func(ctx context.Context, client aeriepb.ControlClient) (
			*aeriepb.ClusterInfoResponse, error) {
			return client.ClusterInfo(ctx, &aeriepb.ClusterInfoRequest{})
		})
}

// Watcher is told what happens.
type Watcher struct {
	control *Control
	turn    uint32
	stream  aeriepb.Control_WatchClient
	cancel  context.CancelFunc
	events  []*aeriepb.WatchResponse_Event
}

// Watch asks to be told what happens from now on, until the context ends or
// Close is called.
func (c *Control) Watch(ctx context.Context, request *aeriepb.WatchRequest) (
	*Watcher, error) {
	ctx, cancel := context.WithCancel(ctx)
	turn := c.turn()
	stream, err := c.client(turn).Watch(ctx, request)
	if err != nil {
		cancel()
		c.leave(turn, err)
		return nil, toError("Watch", err)
	}
	return &Watcher{
		control: c, turn: turn, stream: stream, cancel: cancel,
	}, nil
}

// Next waits for the next event. KIND_WATCHING is the first one, KIND_LOST
// tells how many there would have been. Not for several goroutines at once.
func (w *Watcher) Next() (*aeriepb.WatchResponse_Event, error) {
	for len(w.events) == 0 {
		response, err := w.stream.Recv()
		if err != nil {
			err = streamError("Watch", err)
			w.control.leave(w.turn, err)
			return nil, err
		}
		w.events = response.GetEvents()
	}
	event := w.events[0]
	w.events = w.events[1:]
	return event, nil
}

// Close ends the watch.
func (w *Watcher) Close() { w.cancel() }
