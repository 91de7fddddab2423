// Package fakecontrol serves Control for tests: it records the requests, and
// answers them with what the test has put there.
package fakecontrol

import (
	"context"
	"sync"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"aerie.dev/clients/go/gen/aeriepb"
)

// Server is the service. Set its fields before the first call.
type Server struct {
	aeriepb.UnimplementedControlServer

	// What a method fails with; nil: nothing.
	Fail func(method string) error
	// The topics, and how many are on a page.
	Topics   []*aeriepb.TopicInfo
	PageSize int
	Topic    *aeriepb.GetTopicResponse
	Sockets  []*aeriepb.SocketDetails
	Info     *aeriepb.ClusterInfoResponse
	Results  []*aeriepb.BroadcastBatchResponse_Result
	// What a watcher is told before its stream ends with WatchEnd.
	Events   []*aeriepb.WatchResponse_Event
	WatchEnd error
	// Keeps a watcher's stream open when its events have been sent.
	WatchOn bool
	// Serves a stream of broadcasts.
	Stream func(aeriepb.Control_BroadcastStreamServer) error

	// Closed by the first request.
	Asked chan struct{}

	once     sync.Once
	mu       sync.Mutex
	requests []proto.Message
	tokens   []string
}

// Requests are the requests so far.
func (s *Server) Requests() []proto.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]proto.Message{}, s.requests...)
}

// Tokens are the authorization headers so far.
func (s *Server) Tokens() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.tokens...)
}

func (s *Server) take(ctx context.Context, method string,
	request proto.Message) error {
	md, _ := metadata.FromIncomingContext(ctx)
	s.mu.Lock()
	s.requests = append(s.requests, request)
	s.tokens = append(s.tokens, append(md.Get("authorization"), "")[0])
	s.mu.Unlock()
	if s.Asked != nil {
		s.once.Do(func() { close(s.Asked) })
	}
	if s.Fail == nil {
		return nil
	}
	return s.Fail(method)
}

// Broadcast reaches three edges.
func (s *Server) Broadcast(ctx context.Context, r *aeriepb.BroadcastRequest) (
	*aeriepb.BroadcastResponse, error) {
	return &aeriepb.BroadcastResponse{
		Edges: 3, Duplicate: r.GetIdempotencyKey() == "known",
	}, s.take(ctx, "Broadcast", r)
}

// BroadcastBatch has the Results.
func (s *Server) BroadcastBatch(ctx context.Context,
	r *aeriepb.BroadcastBatchRequest) (*aeriepb.BroadcastBatchResponse, error) {
	return &aeriepb.BroadcastBatchResponse{Results: s.Results},
		s.take(ctx, "BroadcastBatch", r)
}

// BroadcastStream is served by Stream.
func (s *Server) BroadcastStream(
	stream aeriepb.Control_BroadcastStreamServer) error {
	return s.Stream(stream)
}

// Push reaches two channels.
func (s *Server) Push(ctx context.Context, r *aeriepb.PushRequest) (
	*aeriepb.PushResponse, error) {
	return &aeriepb.PushResponse{Channels: 2}, s.take(ctx, "Push", r)
}

// Disconnect ends two sockets, but none of `nobody`.
func (s *Server) Disconnect(ctx context.Context,
	r *aeriepb.DisconnectRequest) (*aeriepb.DisconnectResponse, error) {
	sockets := uint32(2)
	if r.GetSocketId() == "nobody" {
		sockets = 0
	}
	return &aeriepb.DisconnectResponse{Sockets: sockets},
		s.take(ctx, "Disconnect", r)
}

// RenewToken takes any token until one second after the epoch.
func (s *Server) RenewToken(ctx context.Context,
	r *aeriepb.RenewTokenRequest) (*aeriepb.RenewTokenResponse, error) {
	return &aeriepb.RenewTokenResponse{
		Expires: &timestamppb.Timestamp{Seconds: 1},
	}, s.take(ctx, "RenewToken", r)
}

// CloseChannel ends two channels.
func (s *Server) CloseChannel(ctx context.Context,
	r *aeriepb.CloseChannelRequest) (*aeriepb.CloseChannelResponse, error) {
	return &aeriepb.CloseChannelResponse{Channels: 2},
		s.take(ctx, "CloseChannel", r)
}

// ListTopics pages through Topics; a page's token is its first topic.
func (s *Server) ListTopics(ctx context.Context,
	r *aeriepb.ListTopicsRequest) (*aeriepb.ListTopicsResponse, error) {
	response := &aeriepb.ListTopicsResponse{}
	for _, topic := range s.Topics {
		if topic.GetTopic() < r.GetPageToken() {
			continue
		}
		if s.PageSize > 0 && len(response.Topics) == s.PageSize {
			response.NextPageToken = topic.GetTopic()
			break
		}
		response.Topics = append(response.Topics, topic)
	}
	return response, s.take(ctx, "ListTopics", r)
}

// GetTopic is Topic.
func (s *Server) GetTopic(ctx context.Context, r *aeriepb.GetTopicRequest) (
	*aeriepb.GetTopicResponse, error) {
	return s.Topic, s.take(ctx, "GetTopic", r)
}

// ListSockets pages through Sockets; a page's token is its first key.
func (s *Server) ListSockets(ctx context.Context,
	r *aeriepb.ListSocketsRequest) (*aeriepb.ListSocketsResponse, error) {
	response := &aeriepb.ListSocketsResponse{}
	for _, socket := range s.Sockets {
		if socket.GetSocket().GetKey() < r.GetPageToken() {
			continue
		}
		if s.PageSize > 0 && len(response.Sockets) == s.PageSize {
			response.NextPageToken = socket.GetSocket().GetKey()
			break
		}
		response.Sockets = append(response.Sockets, socket)
	}
	return response, s.take(ctx, "ListSockets", r)
}

// GetSocket is the first of Sockets.
func (s *Server) GetSocket(ctx context.Context, r *aeriepb.GetSocketRequest) (
	*aeriepb.GetSocketResponse, error) {
	return &aeriepb.GetSocketResponse{Socket: s.Sockets[0]},
		s.take(ctx, "GetSocket", r)
}

// ClusterInfo is Info.
func (s *Server) ClusterInfo(ctx context.Context,
	r *aeriepb.ClusterInfoRequest) (*aeriepb.ClusterInfoResponse, error) {
	return s.Info, s.take(ctx, "ClusterInfo", r)
}

// Watch tells Events, all in one message.
func (s *Server) Watch(r *aeriepb.WatchRequest,
	stream aeriepb.Control_WatchServer) error {
	if err := s.take(stream.Context(), "Watch", r); err != nil {
		return err
	}
	err := stream.Send(&aeriepb.WatchResponse{Events: s.Events})
	if err != nil {
		return err
	}
	if s.WatchOn {
		<-stream.Context().Done()
	}
	return s.WatchEnd
}
