package aerie

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"aerie.dev/clients/go/gen/aeriepb"
)

// NameValue is a query parameter or a header.
type NameValue struct{ Name, Value string }

// ConnectRequest is a client that wants to open a socket.
type ConnectRequest struct {
	// Path of the mount, as configured (`/socket`).
	Mount string
	// Query parameters and path variables, in order.
	Params []NameValue
	// The headers that brokers pass on, with names in lower case.
	Headers []NameValue
	// Address and port of the client.
	Peer string
	// Scheme, host, port, path and query of the request.
	URI string
	// Token of the client; nil when it showed none.
	Token []byte
}

// Param is a query parameter; the last of equal names counts.
func (r *ConnectRequest) Param(name string) string {
	return last(r.Params, name)
}

// Header is a header, named in lower case.
func (r *ConnectRequest) Header(name string) string {
	return last(r.Headers, name)
}

func last(values []NameValue, name string) string {
	for i := len(values) - 1; i >= 0; i-- {
		if values[i].Name == name {
			return values[i].Value
		}
	}
	return ""
}

// Accept lets a socket open.
type Accept struct {
	// The application's name for it; empty for none.
	SocketID string
	// A JSON object of at most 3 KiB; nil for `{}`.
	Assigns any
}

// ConnectFunc decides about a socket. RefuseConnect makes the error that the
// client is told; after any other one, or a panic, it gets 500.
type ConnectFunc func(ctx context.Context, request *ConnectRequest) (Accept,
	error)

// ConnectRefusal is the error of a ConnectFunc that says no.
type ConnectRefusal struct {
	// HTTP status, 400 to 599; 0 means 403.
	Status int
	// Body of the answer.
	Reason string
}

func (r *ConnectRefusal) Error() string {
	return "aerie: the socket is refused: " + r.Reason
}

func (r *ConnectRefusal) valid() bool {
	return r.Status == 0 || r.Status >= 400 && r.Status <= 599
}

// RefuseConnect makes the error with which a ConnectFunc says no.
func RefuseConnect(status int, reason string) error {
	return &ConnectRefusal{status, reason}
}

// HandleConnect lets the host decide who may open a socket. It must not be
// called after Run.
func (h *Host) HandleConnect(connect ConnectFunc) { h.connect = connect }

// answerConnect runs on a goroutine of its own; credits bound how many there
// are.
func (h *Host) answerConnect(l *link, connect *aeriepb.ChannelFrame_Connect) {
	ctx, cancel := context.WithTimeout(l.ctx, connectTimeout)
	defer cancel()
	reply := &aeriepb.HostFrame_ConnectReply{Id: connect.GetId()}
	err := guard(func() error {
		if h.connect == nil {
			return errors.New("the host is not registered for it")
		}
		accept, err := h.connect(ctx, connectRequest(connect))
		if err != nil {
			return err
		}
		if !utf8.ValidString(accept.SocketID) ||
			len(accept.SocketID) > socketIDBytesMax {
			return fmt.Errorf("a socket id is UTF-8 of at most %d bytes",
				socketIDBytesMax)
		}
		reply.SocketId = accept.SocketID
		reply.Assigns, err = encodeAssigns(accept.Assigns,
			connectAssignsBytesMax)
		reply.Ok = err == nil
		return err
	})
	var refusal *ConnectRefusal
	if errors.As(err, &refusal) && refusal.valid() {
		reply.Status = uint32(refusal.Status)
		reply.Reason = strings.ToValidUTF8(refusal.Reason, "?")
	} else if err != nil {
		h.log.Error("callback failed", "callback", "connect", "error", err)
		reply.Status = http.StatusInternalServerError
	}
	l.out.put(&aeriepb.HostFrame{Frame: &aeriepb.HostFrame_ConnectReply_{
		ConnectReply: reply,
	}})
}

func connectRequest(connect *aeriepb.ChannelFrame_Connect) *ConnectRequest {
	return &ConnectRequest{
		Mount:   connect.GetMount(),
		Params:  nameValues(connect.GetParams()),
		Headers: nameValues(connect.GetHeaders()),
		Peer:    connect.GetPeer(),
		URI:     connect.GetUri(),
		Token:   connect.Token,
	}
}

func nameValues(values []*aeriepb.NameValue) []NameValue {
	result := make([]NameValue, len(values))
	for i, value := range values {
		result[i] = NameValue{value.GetName(), value.GetValue()}
	}
	return result
}
