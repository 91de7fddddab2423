package aerie_test

import (
	"context"
	"io"
	"testing"
	"time"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	aerie "aerie.dev/clients/go"
	"aerie.dev/clients/go/gen/aeriepb"
	"aerie.dev/clients/go/internal/fakecontrol"
)

type (
	stream   = aeriepb.Control_BroadcastStreamServer
	response = aeriepb.BroadcastStreamResponse
)

// publisher publishes to what serves the stream.
func publisher(t *testing.T, serve func(stream) error) *aerie.Publisher {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	p, err := newControl(t, &fakecontrol.Server{Stream: serve}).
		NewPublisher(ctx)
	expect(t, err, nil)
	return p
}

func publish(t *testing.T, p *aerie.Publisher, event string) *aerie.Pending {
	t.Helper()
	pending, err := p.Publish(soon(t),
		aerie.Broadcast{Topic: "room:1", Event: event})
	expect(t, err, nil)
	return pending
}

// soon is a context for what must happen.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// receive takes messages until there are so many broadcasts.
func receive(s stream, n int) (events []string, err error) {
	next := uint64(len(events) + 1)
	for len(events) < n {
		request, err := s.Recv()
		if err != nil {
			return events, err
		}
		if len(events) > 0 && request.GetFirstSequence() != next {
			return events, status.Error(codes.InvalidArgument, "a gap")
		}
		next = request.GetFirstSequence() +
			uint64(len(request.GetBroadcasts()))
		for _, broadcast := range request.GetBroadcasts() {
			events = append(events, broadcast.GetEvent())
		}
	}
	return events, nil
}

func TestEachBroadcastHasItsResult(t *testing.T) {
	got := make(chan []string, 1)
	p := publisher(t, func(s stream) error {
		events, err := receive(s, 3)
		if err != nil {
			return err
		}
		got <- events
		err = s.Send(&response{
			Acknowledged: 1, Credit: 10,
			Failures: []*response_Failure{
				{Sequence: 2, Status: &spb.Status{Code: 3, Message: "bad"}},
			},
		})
		if err == nil {
			err = s.Send(&response{
				Acknowledged: 3, Credit: 10, Duplicates: 1,
			})
		}
		if err != nil {
			return err
		}
		if _, err = s.Recv(); err == io.EOF {
			return nil
		}
		return err
	})
	a, b, c := publish(t, p, "a"), publish(t, p, "b"), publish(t, p, "c")
	expect(t, a.Wait(soon(t)), nil)
	expect(t, status.Code(b.Wait(soon(t))), codes.InvalidArgument)
	expect(t, c.Wait(soon(t)), nil)
	expect(t, <-got, []string{"a", "b", "c"})
	expect(t, p.Close(soon(t)), nil)
	expect(t, p.Duplicates(), uint64(1))
	_, err := p.Publish(soon(t), aerie.Broadcast{Topic: "a", Event: "x"})
	expect(t, err, aerie.ErrClosed)
}

// The generated name has an underscore.
type response_Failure = aeriepb.BroadcastStreamResponse_Failure

func TestPublishWaitsForCredit(t *testing.T) {
	more := make(chan struct{})
	p := publisher(t, func(s stream) error {
		if _, err := receive(s, 1); err != nil {
			return err
		}
		if err := s.Send(&response{Acknowledged: 1, Credit: 1}); err != nil {
			return err
		}
		if _, err := receive(s, 1); err != nil {
			return err
		}
		<-more
		if err := s.Send(&response{Acknowledged: 2, Credit: 1}); err != nil {
			return err
		}
		_, err := receive(s, 1)
		if err != nil {
			return err
		}
		return s.Send(&response{Acknowledged: 3, Credit: 1})
	})
	expect(t, publish(t, p, "a").Wait(soon(t)), nil)
	b := publish(t, p, "b")
	// The credit is used up.
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := p.Publish(ended, aerie.Broadcast{Topic: "a", Event: "x"})
	expect(t, err, context.Canceled)
	close(more)
	c := publish(t, p, "c")
	expect(t, b.Wait(soon(t)), nil)
	expect(t, c.Wait(soon(t)), nil)
}

func TestAtFirstThereIsCreditForManyBroadcasts(t *testing.T) {
	p := publisher(t, func(s stream) error {
		if _, err := receive(s, 4096); err != nil {
			return err
		}
		return s.Send(&response{Acknowledged: 4096, Credit: 4096})
	})
	var last *aerie.Pending
	for i := 0; i < 4096; i++ {
		last = publish(t, p, "x")
	}
	expect(t, last.Wait(soon(t)), nil)
}

func TestABrokenStreamFailsWhatIsUnacknowledged(t *testing.T) {
	p := publisher(t, func(s stream) error {
		if _, err := receive(s, 2); err != nil {
			return err
		}
		if err := s.Send(&response{Acknowledged: 1, Credit: 9}); err != nil {
			return err
		}
		return status.Error(codes.ResourceExhausted, "too many")
	})
	a, b := publish(t, p, "a"), publish(t, p, "b")
	expect(t, a.Wait(soon(t)), nil)
	expect(t, status.Code(b.Wait(soon(t))), codes.ResourceExhausted)
	_, err := p.Publish(soon(t), aerie.Broadcast{Topic: "a", Event: "x"})
	expect(t, status.Code(err), codes.ResourceExhausted)
	expect(t, status.Code(p.Close(soon(t))), codes.ResourceExhausted)
}

func TestAStreamThatEndsTooEarlyIsUnavailable(t *testing.T) {
	p := publisher(t, func(s stream) error {
		_, err := receive(s, 1)
		return err
	})
	a := publish(t, p, "a")
	expect(t, status.Code(a.Wait(soon(t))), codes.Unavailable)
}

func TestAnAcknowledgementOfWhatWasNotSentIsAnError(t *testing.T) {
	p := publisher(t, func(s stream) error {
		if _, err := receive(s, 1); err != nil {
			return err
		}
		if err := s.Send(&response{Acknowledged: 5}); err != nil {
			return err
		}
		<-s.Context().Done()
		return nil
	})
	a := publish(t, p, "a")
	expect(t, status.Code(a.Wait(soon(t))), codes.Internal)
}
