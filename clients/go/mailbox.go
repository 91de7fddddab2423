package aerie

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"aerie.dev/clients/go/gen/aeriepb"
)

// mailbox holds what a channel has still to do, in order. A goroutine exists
// only while there is something.
type mailbox struct {
	mu        sync.Mutex
	entries   []entry
	running   bool
	closed    bool
	selfSends int
}

// entry is one callback to come.
type entry struct {
	frame *aeriepb.ChannelFrame
	self  bool // Of SendSelf: it has no credit.
	lost  bool // The stream has ended; there is no frame.
}

// credited tells whether the broker waits for a Done.
func (e entry) credited() bool {
	if e.self || e.lost {
		return false
	}
	switch e.frame.GetFrame().(type) {
	case *aeriepb.ChannelFrame_HandleIn_, *aeriepb.ChannelFrame_HandleOut_,
		*aeriepb.ChannelFrame_HandleInfo_:
		return true
	}
	return false
}

// deliver queues an entry; one for a channel that has ended is dropped.
func (c *Channel) deliver(e entry) error {
	box := &c.mailbox
	box.mu.Lock()
	if e.self {
		if box.selfSends >= selfSendsMax {
			box.mu.Unlock()
			return fmt.Errorf("aerie: %d messages of SendSelf wait already",
				selfSendsMax)
		}
		if !box.closed {
			box.selfSends++
		}
	}
	if box.closed {
		box.mu.Unlock()
		c.drop(e)
		return nil
	}
	box.entries = append(box.entries, e)
	box.mu.Unlock()
	c.wake()
	return nil
}

// wake starts the goroutine unless there is one.
func (c *Channel) wake() {
	c.mailbox.mu.Lock()
	defer c.mailbox.mu.Unlock()
	if !c.mailbox.running && !c.mailbox.closed {
		c.mailbox.running = true
		go c.run()
	}
}

func (c *Channel) run() {
	box := &c.mailbox
	for {
		if c.now() == exiting {
			c.finish(End{Reason: c.exit})
		}
		box.mu.Lock()
		if len(box.entries) == 0 {
			box.running = false
			box.entries = nil
			box.mu.Unlock()
			// A Stop from outside may have found the goroutine running.
			if c.now() == exiting {
				c.wake()
			}
			return
		}
		e := box.entries[0]
		box.entries = box.entries[1:]
		if e.self {
			box.selfSends--
		}
		box.mu.Unlock()
		c.handle(e)
	}
}

func (c *Channel) handle(e entry) {
	if e.lost {
		if c.now() != ended {
			c.finish(End{Reason: HostLost})
		}
		return
	}
	switch frame := e.frame.GetFrame().(type) {
	case *aeriepb.ChannelFrame_Join_:
		c.join(frame.Join)
	case *aeriepb.ChannelFrame_Terminate_:
		c.terminate(frame.Terminate)
	default:
		if c.now() == joined {
			if err := guard(func() error { return c.call(e) }); err != nil {
				c.fail(callbackName(e), err)
			}
		}
		if e.credited() {
			c.link.done(c.id, 1)
		}
	}
}

// call makes the callback of an event, a broadcast or a message.
func (c *Channel) call(e entry) error {
	switch frame := e.frame.GetFrame().(type) {
	case *aeriepb.ChannelFrame_HandleIn_:
		in := frame.HandleIn
		return c.callbacks.HandleIn(c.ctx, &Event{
			Ref:     Ref{channel: c, ref: in.GetRef()},
			Name:    in.GetEvent(),
			Payload: PayloadOf(in.GetPayload()),
		})
	case *aeriepb.ChannelFrame_HandleOut_:
		out := frame.HandleOut
		return c.callbacks.HandleOut(c.ctx, out.GetEvent(),
			PayloadOf(out.GetPayload()))
	case *aeriepb.ChannelFrame_HandleInfo_:
		info := frame.HandleInfo
		return c.callbacks.HandleInfo(c.ctx, info.GetEvent(),
			PayloadOf(info.GetPayload()))
	}
	return nil
}

func callbackName(e entry) string {
	switch e.frame.GetFrame().(type) {
	case *aeriepb.ChannelFrame_HandleIn_:
		return "HandleIn"
	case *aeriepb.ChannelFrame_HandleOut_:
		return "HandleOut"
	default:
		return "HandleInfo"
	}
}

func (c *Channel) join(join *aeriepb.ChannelFrame_Join) {
	if c.link.isLost() {
		c.close() // Nobody waits for the answer.
		return
	}
	reply, err := c.askJoin(PayloadOf(join.GetPayload()))
	if err != nil {
		c.logFailure("Join", err)
		reply = &aeriepb.HostFrame_JoinReply{Crashed: true}
	}
	c.mu.Lock()
	if reply.Ok {
		c.phase = joined
		reply.Intercepts = c.intercepts
		if c.assigned {
			reply.Assigns, _ = assignsJSON(c.assigns)
		}
	} else {
		c.phase = ended
	}
	c.link.out.put(&aeriepb.HostFrame{
		Channel: c.id,
		Frame:   &aeriepb.HostFrame_JoinReply_{JoinReply: reply},
	})
	c.mu.Unlock()
	if !reply.Ok {
		c.close()
	}
}

// askJoin makes the value and calls its Join. An error is a crash.
func (c *Channel) askJoin(params Payload) (*aeriepb.HostFrame_JoinReply,
	error) {
	ctx, cancel := context.WithTimeout(c.ctx, c.link.joinTimeout)
	defer cancel()
	reply := &aeriepb.HostFrame_JoinReply{Ok: true}
	err := guard(func() error {
		if c.callbacks = c.route.factory(c); c.callbacks == nil {
			return errors.New("the factory returned nil")
		}
		answer, err := c.callbacks.Join(ctx, params)
		var refusal *Refusal
		if errors.As(err, &refusal) {
			reply.Ok = false
			answer, err = refusal.Payload, nil
		}
		if err != nil {
			return err
		}
		payload, err := encode(answer)
		if err != nil {
			return err
		}
		reply.Payload = payload.proto()
		return c.link.checkSize(payload)
	})
	return reply, err
}

func (c *Channel) terminate(terminate *aeriepb.ChannelFrame_Terminate) {
	if terminate.GetReason() == aeriepb.ExitReason_EXIT_REASON_LEFT {
		c.link.out.put(&aeriepb.HostFrame{
			Channel: c.id,
			Frame: &aeriepb.HostFrame_Left_{
				Left: &aeriepb.HostFrame_Left{},
			},
		})
	}
	if c.callbacks == nil { // Redelivered: there was no join here.
		err := guard(func() error {
			c.callbacks = c.route.factory(c)
			return nil
		})
		if err != nil {
			c.logFailure("Terminate", err)
		}
	}
	c.link.host.ends.add(endEvent(terminate.GetEventId()), c.ctx.Done())
	c.finish(End{
		Reason:      ExitReason(terminate.GetReason()),
		EventID:     terminate.GetEventId(),
		Redelivered: terminate.GetRedelivered(),
	})
	c.link.terminated(c.id, terminate.GetEventId())
}

// finish runs Terminate, and ends the channel.
func (c *Channel) finish(end End) {
	c.link.host.ends.add(endChannel(c.link.broker, c.id), c.ctx.Done())
	err := guard(func() error {
		if c.callbacks != nil {
			c.callbacks.Terminate(c.ctx, end)
		}
		return nil
	})
	if err != nil {
		c.logFailure("Terminate", err)
	}
	c.close()
}

// close forgets the channel, and drops what still waits in it.
func (c *Channel) close() {
	c.mu.Lock()
	c.phase = ended
	c.mu.Unlock()
	c.mailbox.mu.Lock()
	rest := c.mailbox.entries
	c.mailbox.entries = nil
	closed := c.mailbox.closed
	c.mailbox.closed = true
	c.mailbox.mu.Unlock()
	if closed {
		return
	}
	for _, e := range rest {
		c.drop(e)
	}
	c.cancel()
	c.link.forget(c)
}

// drop gives the broker the answer that it waits for, and does nothing else.
func (c *Channel) drop(e entry) {
	if e.credited() {
		c.link.done(c.id, 1)
	} else if terminate := e.frame.GetTerminate(); terminate != nil {
		c.link.terminated(c.id, terminate.GetEventId())
	}
}

// fail ends the channel as a crash.
func (c *Channel) fail(callback string, err error) {
	c.logFailure(callback, err)
	_ = c.stop(Crash, nil) // Nothing is wrong with what it says.
}

func (c *Channel) logFailure(callback string, err error) {
	fields := []any{"topic", c.topic, "callback", callback, "error", err}
	var p *panicked
	if errors.As(err, &p) {
		fields = append(fields, "stack", string(p.stack))
	}
	c.link.host.log.Error("callback failed", fields...)
}

// panicked is a callback's panic, as an error.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// guard calls f, and turns its panic into an error.
func guard(f func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicked{value: value, stack: debug.Stack()}
		}
	}()
	return f()
}
