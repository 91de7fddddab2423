package aerie

import (
	"context"
	"errors"
	"sync"

	"google.golang.org/protobuf/proto"

	"aerie.dev/clients/go/gen/aeriepb"
)

var errNotReading = errors.New("the broker does not read")

// outbox holds frames until the stream takes them. What queues while a write is
// in flight goes out as one message.
type outbox struct {
	mu     sync.Mutex
	frames []*aeriepb.HostFrame
	bytes  int
	ended  bool // No frame follows.
	full   func()

	wake chan struct{}
}

// full is called once when the bound is broken.
func newOutbox(full func()) *outbox {
	return &outbox{full: full, wake: make(chan struct{}, 1)}
}

func (o *outbox) put(frame *aeriepb.HostFrame) {
	size := proto.Size(frame)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return
	}
	if o.bytes+size > outboxBytesMax {
		o.ended = true
		o.frames = nil
		o.full()
		return
	}
	if !o.merge(frame) {
		o.bytes += size
		o.frames = append(o.frames, frame)
	}
	o.signal()
}

// merge counts a Done right behind another one of the same channel in it.
func (o *outbox) merge(frame *aeriepb.HostFrame) bool {
	done := frame.GetDone()
	if done == nil || len(o.frames) == 0 {
		return false
	}
	last := o.frames[len(o.frames)-1]
	if last.GetDone() == nil || last.GetChannel() != frame.GetChannel() {
		return false
	}
	last.GetDone().Callbacks += done.Callbacks
	return true
}

// end lets take return false once everything has been taken.
func (o *outbox) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
	o.signal()
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// take waits for frames; false: there are none and there will be none. A batch
// is cut at 1 MiB, unless its first frame alone is larger.
func (o *outbox) take(ctx context.Context) ([]*aeriepb.HostFrame, bool) {
	for {
		o.mu.Lock()
		batch := o.cut()
		ended := o.ended
		o.mu.Unlock()
		if len(batch) > 0 {
			return batch, true
		}
		if ended {
			return nil, false
		}
		select {
		case <-o.wake:
		case <-ctx.Done():
			return nil, false
		}
	}
}

func (o *outbox) cut() []*aeriepb.HostFrame {
	n, bytes := 0, 0
	for n < len(o.frames) {
		size := proto.Size(o.frames[n])
		if n > 0 && bytes+size > batchBytesMax {
			break
		}
		bytes += size
		n++
	}
	batch := o.frames[:n:n]
	o.frames = o.frames[n:]
	if len(o.frames) == 0 {
		o.frames, o.bytes = nil, 0
	} else {
		o.bytes -= bytes
	}
	return batch
}
