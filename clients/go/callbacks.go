package aerie

import (
	"context"
	"errors"
	"fmt"

	"aerie.dev/clients/go/gen/aeriepb"
)

// Callbacks are what a channel does. Embed *Channel in your type: it has all of
// them, so that you write only those that you need. Phoenix: Phoenix.Channel.
//
//	type room struct {
//		*aerie.Channel
//		user string
//	}
//
// Those of one channel are called one after the other. A context ends when the
// channel has; that of Join ends at the broker's deadline as well. An error, or
// a panic, ends the channel as a crash. A callback that takes as long as 30 s,
// with nothing else going on in the host, looks like a host that hangs: start a
// goroutine and answer later.
type Callbacks interface {
	// Join is asked whether the client may join, and returns the payload of the
	// ok. Refuse makes the error that the client is told; after any other one
	// it is told `join crashed`. By default everybody may.
	Join(ctx context.Context, params Payload) (any, error)

	// HandleIn gets an event of the client. By default it fails.
	HandleIn(ctx context.Context, event *Event) error

	// HandleOut gets the broadcast of an intercepted event. By default it is
	// pushed on.
	HandleOut(ctx context.Context, event string, payload Payload) error

	// HandleInfo gets a message to the channel itself: of Channel.SendSelf, of
	// Host.Send, or `token_expiring` of the broker. By default it is ignored.
	HandleInfo(ctx context.Context, event string, payload Payload) error

	// Terminate runs once at the end of a channel that was joined. What it
	// pushes still reaches the client after a leave, a stop or a crash.
	Terminate(ctx context.Context, end End)
}

// Event is what a client sent, with the Ref that answers it.
type Event struct {
	Ref
	Name    string
	Payload Payload
}

// Ref answers one event of a client, at any time and from any goroutine. Copy
// it out of the Event to do so later.
type Ref struct {
	channel *Channel
	ref     []byte
}

// Wanted tells whether the client waits for a reply.
func (r Ref) Wanted() bool { return len(r.ref) > 0 }

// Ok replies with the status `ok`.
func (r Ref) Ok(payload any) error { return r.Reply("ok", payload) }

// Error replies with the status `error`.
func (r Ref) Error(payload any) error { return r.Reply("error", payload) }

// Reply answers with any short status. Nothing is sent when the client wants no
// answer.
func (r Ref) Reply(status string, payload any) error {
	reply, err := r.reply(status, payload)
	if err != nil || reply == nil {
		return err
	}
	return r.channel.say(&aeriepb.HostFrame{
		Frame: &aeriepb.HostFrame_Reply_{Reply: reply},
	})
}

func (r Ref) reply(status string, v any) (*aeriepb.HostFrame_Reply, error) {
	payload, err := encode(v)
	if err != nil || !r.Wanted() {
		return nil, err
	}
	if err := r.channel.link.checkSize(payload); err != nil {
		return nil, err
	}
	if err := checkStatus(status); err != nil {
		return nil, err
	}
	return &aeriepb.HostFrame_Reply{
		Ref: r.ref, Status: status, Payload: payload.proto(),
	}, nil
}

// End is how a channel ended.
type End struct {
	Reason ExitReason
	// Equal for each delivery of the same end; empty when the host knows of it
	// by itself: after a crash, and when the broker was lost.
	EventID string
	// The channel ran in a host that was lost. Join was not called on this
	// value; topic, socket and assigns are those of the channel.
	Redelivered bool
}

// ExitReason is why a channel ended.
type ExitReason int

// The reasons. Those up to ExitNormal, and Crash, are what Channel.Stop takes:
// StopNormal, StopShutdown, ExitNormal and Crash.
const (
	Left          = ExitReason(aeriepb.ExitReason_EXIT_REASON_LEFT)
	Closed        = ExitReason(aeriepb.ExitReason_EXIT_REASON_CLOSED)
	EdgeLost      = ExitReason(aeriepb.ExitReason_EXIT_REASON_EDGE_LOST)
	DuplicateJoin = ExitReason(aeriepb.ExitReason_EXIT_REASON_DUPLICATE_JOIN)
	StopNormal    = ExitReason(aeriepb.ExitReason_EXIT_REASON_STOP_NORMAL)
	StopShutdown  = ExitReason(aeriepb.ExitReason_EXIT_REASON_STOP_SHUTDOWN)
	ExitNormal    = ExitReason(aeriepb.ExitReason_EXIT_REASON_EXIT_NORMAL)
	HostLost      = ExitReason(aeriepb.ExitReason_EXIT_REASON_HOST_LOST)
	Killed        = ExitReason(aeriepb.ExitReason_EXIT_REASON_KILLED)
	Draining      = ExitReason(aeriepb.ExitReason_EXIT_REASON_DRAINING)
	Crash         = ExitReason(aeriepb.ExitReason_EXIT_REASON_CRASH)
)

var reasonNames = map[ExitReason]string{
	Left: "left", Closed: "closed", EdgeLost: "edge_lost",
	DuplicateJoin: "duplicate_join", StopNormal: "stop_normal",
	StopShutdown: "stop_shutdown", ExitNormal: "exit_normal",
	HostLost: "host_lost", Killed: "killed", Draining: "draining",
	Crash: "crash",
}

func (r ExitReason) String() string {
	if name, ok := reasonNames[r]; ok {
		return name
	}
	return fmt.Sprintf("reason %d", int(r))
}

// Refusal is the error of a Join that says no.
type Refusal struct{ Payload any }

func (r *Refusal) Error() string { return "aerie: the join is refused" }

// Refuse makes the error with which Join says no: the client is told the
// payload.
func Refuse(payload any) error { return &Refusal{payload} }

// ErrUnhandled is why a channel without HandleIn crashes on an event.
var ErrUnhandled = errors.New("aerie: nobody handles the event")

// ErrNotJoined is what a channel hears that speaks before its join is answered.
var ErrNotJoined = errors.New("aerie: the join has not been answered yet")
