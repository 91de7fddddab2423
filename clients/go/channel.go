package aerie

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"aerie.dev/clients/go/gen/aeriepb"
)

// Socket is the client connection of a channel.
type Socket struct {
	// Names the connection for as long as it lasts.
	Key string
	// The application's name for it (`users:42`), which several connections may
	// share; empty for none.
	ID string
	// What the connect rule has assigned: a JSON object.
	Assigns json.RawMessage
}

// Channel is one socket's membership of one topic, as its host sees it.
// Phoenix: the socket that a channel's callbacks get. Embed it in the type that
// implements Callbacks.
//
// What is sent before the join is answered is an error; what is sent after the
// end is ignored. An error means that nothing was sent.
type Channel struct {
	id      uint64
	topic   string
	socket  Socket
	route   *route
	link    *link
	ctx     context.Context
	cancel  context.CancelFunc
	mailbox mailbox

	mu         sync.Mutex
	phase      phase
	exit       ExitReason // Of exiting.
	assigns    map[string]json.RawMessage
	assigned   bool // Not those of the socket any more.
	intercepts []string

	callbacks Callbacks // Of the mailbox' goroutine alone.
}

// phase is how far a channel has come. It only grows.
type phase int

const (
	joining phase = iota
	joined
	stopping // Stop is sent: Terminate will come.
	exiting  // Stop is sent: terminate runs as soon as the callback returns.
	ended
)

// ID names the channel for as long as the broker lives; Host.Send takes it.
func (c *Channel) ID() uint64 { return c.id }

// Topic is what the client joined.
func (c *Channel) Topic() string { return c.topic }

// Pattern is the pattern that matched the topic.
func (c *Channel) Pattern() string { return c.route.pattern }

// Socket is the client's connection.
func (c *Channel) Socket() Socket { return c.socket }

// Context ends when the channel has, after Terminate.
func (c *Channel) Context() context.Context { return c.ctx }

// Assigns decodes the channel's assigns into v, as json.Unmarshal does. They
// are at first those of the socket.
func (c *Channel) Assigns(v any) error {
	c.mu.Lock()
	text, err := assignsJSON(c.assigns)
	c.mu.Unlock()
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), v)
}

// Assign merges the keys of v, which must be a JSON object, into the assigns.
// Terminate gets them, in whatever host it runs.
func (c *Channel) Assign(v any) error {
	payload, err := encode(v)
	if err != nil {
		return err
	}
	var more map[string]json.RawMessage
	if err := payload.Decode(&more); err != nil {
		return fmt.Errorf("aerie: assigns must be a JSON object: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	merged := make(map[string]json.RawMessage, len(c.assigns)+len(more))
	for key, value := range c.assigns {
		merged[key] = value
	}
	for key, value := range more {
		merged[key] = value
	}
	text, err := assignsJSON(merged)
	if err != nil {
		return err
	}
	if len(text) > assignsBytesMax {
		return fmt.Errorf("aerie: assigns of %d bytes, at most %d", len(text),
			assignsBytesMax)
	}
	c.assigns, c.assigned = merged, true
	if c.phase == joined || c.phase == stopping {
		c.link.out.put(&aeriepb.HostFrame{
			Channel: c.id,
			Frame: &aeriepb.HostFrame_SetAssigns_{
				SetAssigns: &aeriepb.HostFrame_SetAssigns{Assigns: text},
			},
		})
	}
	return nil
}

// Intercept asks for the broadcasts of more events than the pattern's. Only
// Join may call it.
func (c *Channel) Intercept(events ...string) error {
	for _, event := range events {
		if err := checkEvent(event); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.phase != joining:
		return errors.New("aerie: Intercept is for Join")
	case len(c.intercepts)+len(events) > interceptsMax:
		return fmt.Errorf("aerie: a channel has at most %d intercepts",
			interceptsMax)
	}
	c.intercepts = append(c.intercepts, events...)
	return nil
}

// Push sends an event to the channel's client.
func (c *Channel) Push(event string, payload any) error {
	encoded, err := c.link.encodeEvent(event, payload)
	if err != nil {
		return err
	}
	return c.say(&aeriepb.HostFrame{
		Frame: &aeriepb.HostFrame_Push_{Push: &aeriepb.HostFrame_Push{
			Event: event, Payload: encoded.proto(),
		}},
	})
}

// Broadcast sends an event to every client of the topic.
func (c *Channel) Broadcast(event string, payload any) error {
	return c.broadcast(c.topic, event, payload, false)
}

// BroadcastFrom sends an event to every other client of the topic.
func (c *Channel) BroadcastFrom(event string, payload any) error {
	return c.broadcast(c.topic, event, payload, true)
}

// BroadcastTo sends an event to every client of another topic.
func (c *Channel) BroadcastTo(topic, event string, payload any) error {
	if err := checkTopic(topic); err != nil {
		return err
	}
	return c.broadcast(topic, event, payload, false)
}

// broadcast always names the topic: so that of a terminate goes out also when
// the broker has forgotten the channel.
func (c *Channel) broadcast(topic, event string, payload any,
	exceptSelf bool) error {
	encoded, err := c.link.encodeEvent(event, payload)
	if err != nil {
		return err
	}
	return c.say(&aeriepb.HostFrame{
		Frame: &aeriepb.HostFrame_Broadcast_{
			Broadcast: &aeriepb.HostFrame_Broadcast{
				Event: event, Payload: encoded.proto(),
				ExceptSelf: exceptSelf, Topic: topic,
			},
		},
	})
}

// SendSelf calls HandleInfo behind what is waiting already. From Join: once the
// join has been answered, and never when it is refused.
func (c *Channel) SendSelf(event string, payload any) error {
	encoded, err := encode(payload)
	if err != nil {
		return err
	}
	return c.deliver(entry{frame: &aeriepb.ChannelFrame{
		Channel: c.id,
		Frame: &aeriepb.ChannelFrame_HandleInfo_{
			HandleInfo: &aeriepb.ChannelFrame_HandleInfo{
				Event: event, Payload: encoded.proto(),
			},
		},
	}, self: true})
}

// Stop ends the channel: with StopNormal, StopShutdown or ExitNormal for its
// client to stay away, with Crash for it to join again. What waits in the
// channel is dropped. In a callback, the callback is still finished.
func (c *Channel) Stop(reason ExitReason) error {
	return c.stop(reason, nil)
}

// StopReply is Stop, with a last reply before it.
func (c *Channel) StopReply(reason ExitReason, ref Ref, status string,
	payload any) error {
	reply, err := ref.reply(status, payload)
	if err != nil {
		return err
	}
	return c.stop(reason, reply)
}

func (c *Channel) stop(reason ExitReason,
	reply *aeriepb.HostFrame_Reply) error {
	next := stopping
	switch reason {
	case StopNormal, StopShutdown:
	case ExitNormal, Crash:
		next = exiting
	default:
		return fmt.Errorf("aerie: a host does not stop a channel as %v", reason)
	}
	c.mu.Lock()
	if c.phase != joined {
		defer c.mu.Unlock()
		if c.phase == joining {
			return ErrNotJoined
		}
		return nil
	}
	c.phase, c.exit = next, reason
	c.link.out.put(&aeriepb.HostFrame{
		Channel: c.id,
		Frame: &aeriepb.HostFrame_Stop_{Stop: &aeriepb.HostFrame_Stop{
			Reason: aeriepb.ExitReason(reason), Reply: reply,
		}},
	})
	c.mu.Unlock()
	if next == exiting {
		c.wake()
	}
	return nil
}

// say sends a frame, unless it is too early or too late for it.
func (c *Channel) say(frame *aeriepb.HostFrame) error {
	frame.Channel = c.id
	c.mu.Lock()
	defer c.mu.Unlock()
	switch c.phase {
	case joining:
		return ErrNotJoined
	case ended:
		return nil
	}
	c.link.out.put(frame)
	return nil
}

func (c *Channel) now() phase {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.phase
}

// Join is the default: everybody may.
func (c *Channel) Join(context.Context, Payload) (any, error) {
	return nil, nil
}

// HandleIn is the default: it fails.
func (c *Channel) HandleIn(_ context.Context, event *Event) error {
	return fmt.Errorf("%w: %q", ErrUnhandled, event.Name)
}

// HandleOut is the default: the broadcast is pushed on.
func (c *Channel) HandleOut(_ context.Context, event string,
	payload Payload) error {
	return c.Push(event, payload)
}

// HandleInfo is the default: nothing happens.
func (c *Channel) HandleInfo(_ context.Context, event string, _ Payload) error {
	c.link.host.log.Debug("message ignored", "topic", c.topic, "event", event)
	return nil
}

// Terminate is the default: nothing happens.
func (c *Channel) Terminate(context.Context, End) {}

// assignsJSON writes the values exactly as they came.
func assignsJSON(assigns map[string]json.RawMessage) (string, error) {
	if len(assigns) == 0 {
		return "{}", nil
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(assigns); err != nil {
		return "", fmt.Errorf("aerie: assigns: %w", err)
	}
	return strings.TrimSuffix(text.String(), "\n"), nil
}
