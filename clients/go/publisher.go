package aerie

import (
	"context"
	"errors"
	"io"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"aerie.dev/clients/go/gen/aeriepb"
)

// Publisher sends any number of broadcasts over one stream, in order per topic.
// When the stream breaks, everything unacknowledged fails, and the publisher is
// of no use any more: make a new one.
type Publisher struct {
	control *Control
	turn    uint32
	stream  aeriepb.Control_BroadcastStreamClient
	cancel  context.CancelFunc
	ended   chan struct{}

	mu         sync.Mutex
	queue      []*aeriepb.BroadcastRequest
	pending    []*Pending // From acknowledged + 1 on.
	sent       uint64     // Sequence number of the last one written.
	acked      uint64
	credit     uint64
	duplicates uint64
	closed     bool
	err        error

	wake chan struct{} // There is something to write.
	room chan struct{} // Closed, and made anew, when there is more credit.
}

// Pending is a broadcast on its way.
type Pending struct {
	done chan struct{}
	err  error
}

// Done is closed when the result is there.
func (p *Pending) Done() <-chan struct{} { return p.done }

// Wait waits for the result: nil when the broadcast was sent, or known already.
func (p *Pending) Wait(ctx context.Context) error {
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ErrClosed means that the publisher has been closed.
var ErrClosed = errors.New("aerie: the publisher is closed")

// NewPublisher opens a stream of broadcasts, for as long as the context lasts.
// Scope `publish`.
func (c *Control) NewPublisher(ctx context.Context) (*Publisher, error) {
	ctx, cancel := context.WithCancel(ctx)
	turn := c.turn()
	stream, err := c.client(turn).BroadcastStream(ctx)
	if err != nil {
		cancel()
		c.leave(turn, err)
		return nil, toError("BroadcastStream", err)
	}
	p := &Publisher{
		control: c, turn: turn, stream: stream, cancel: cancel,
		credit: creditAtFirst,
		ended:  make(chan struct{}),
		wake:   make(chan struct{}, 1),
		room:   make(chan struct{}),
	}
	go p.write(ctx)
	go p.read()
	return p, nil
}

// Publish hands a broadcast to the stream; it waits while the broker's credit
// is used up. The result comes later.
func (p *Publisher) Publish(ctx context.Context, broadcast Broadcast) (
	*Pending, error) {
	request, err := broadcast.proto()
	if err != nil {
		return nil, err
	}
	for {
		p.mu.Lock()
		switch {
		case p.err != nil:
			defer p.mu.Unlock()
			return nil, p.err
		case p.closed:
			defer p.mu.Unlock()
			return nil, ErrClosed
		case uint64(len(p.pending)) < p.credit:
			pending := &Pending{done: make(chan struct{})}
			p.pending = append(p.pending, pending)
			p.queue = append(p.queue, request)
			p.mu.Unlock()
			p.signal()
			return pending, nil
		}
		room := p.room
		p.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Duplicates is how many broadcasts were not sent again.
func (p *Publisher) Duplicates() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.duplicates
}

// Close waits until everything is acknowledged, and ends the stream.
func (p *Publisher) Close(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.signal()
	defer p.cancel()
	select {
	case <-p.ended:
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.err == ErrClosed {
			return nil
		}
		return p.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Publisher) signal() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (p *Publisher) write(ctx context.Context) {
	for {
		p.mu.Lock()
		batch := p.cut()
		closed := p.closed
		first := p.sent + 1
		p.sent += uint64(len(batch))
		p.mu.Unlock()
		switch {
		case len(batch) > 0:
			err := p.stream.Send(&aeriepb.BroadcastStreamRequest{
				FirstSequence: first, Broadcasts: batch,
			})
			if err == nil {
				continue
			}
			if err != io.EOF { // Else read hears the cause.
				p.fail(toError("BroadcastStream", err))
				p.cancel()
			}
			return
		case closed:
			_ = p.stream.CloseSend() // Never fails.
			return
		}
		select {
		case <-p.wake:
		case <-ctx.Done():
			return
		}
	}
}

// cut takes what goes into one message: 1 MiB, unless one alone is larger.
func (p *Publisher) cut() []*aeriepb.BroadcastRequest {
	n, bytes := 0, 0
	for n < len(p.queue) {
		size := proto.Size(p.queue[n])
		if n > 0 && bytes+size > batchBytesMax {
			break
		}
		bytes += size
		n++
	}
	batch := p.queue[:n:n]
	if p.queue = p.queue[n:]; len(p.queue) == 0 {
		p.queue = nil
	}
	return batch
}

func (p *Publisher) read() {
	defer close(p.ended)
	for {
		response, err := p.stream.Recv()
		if err == io.EOF {
			p.fail(ErrClosed)
			return
		}
		if err != nil {
			err = streamError("BroadcastStream", err)
			p.control.leave(p.turn, err)
			p.fail(err)
			return
		}
		if err := p.take(response); err != nil {
			p.fail(err)
			p.cancel()
			return
		}
	}
}

// take hands out the results of a response.
func (p *Publisher) take(response *aeriepb.BroadcastStreamResponse) error {
	failures := map[uint64]error{}
	for _, failure := range response.GetFailures() {
		failures[failure.GetSequence()] = statusError("BroadcastStream",
			status.FromProto(failure.GetStatus()))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for sequence, err := range failures {
		if i := sequence - p.acked - 1; i < uint64(len(p.pending)) {
			p.pending[i].err = err
		}
	}
	if response.GetAcknowledged() > p.sent {
		return toError("BroadcastStream", status.Errorf(codes.Internal,
			"%d is acknowledged, but only %d were sent",
			response.GetAcknowledged(), p.sent))
	}
	for p.acked < response.GetAcknowledged() {
		close(p.pending[0].done)
		p.pending = p.pending[1:]
		p.acked++
	}
	p.credit = uint64(response.GetCredit())
	p.duplicates += uint64(response.GetDuplicates())
	close(p.room)
	p.room = make(chan struct{})
	return nil
}

// fail ends everything that has no result yet.
func (p *Publisher) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return
	}
	// An end in good order leaves nothing unacknowledged.
	if err == ErrClosed && (len(p.pending) > 0 || !p.closed) {
		err = toError("BroadcastStream", status.Error(codes.Unavailable,
			"the broker ended the stream"))
	}
	p.err = err
	for _, pending := range p.pending {
		pending.err = err
		close(pending.done)
	}
	p.pending, p.queue = nil, nil
	close(p.room)
	p.room = make(chan struct{})
}
