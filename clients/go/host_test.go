package aerie_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"

	aerie "aerie.dev/clients/go"
	"aerie.dev/clients/go/internal/fakebroker"
)

// module is a channel whose callbacks a test writes; those that it does not are
// the defaults.
type module struct {
	*aerie.Channel
	join      func(*module, aerie.Payload) (any, error)
	in        func(*module, *aerie.Event) error
	out       func(*module, string, aerie.Payload) error
	info      func(*module, string, aerie.Payload) error
	terminate func(*module, aerie.End)
}

func (m *module) Join(ctx context.Context, params aerie.Payload) (any, error) {
	if m.join == nil {
		return m.Channel.Join(ctx, params)
	}
	return m.join(m, params)
}

func (m *module) HandleIn(ctx context.Context, event *aerie.Event) error {
	if m.in == nil {
		return m.Channel.HandleIn(ctx, event)
	}
	return m.in(m, event)
}

func (m *module) HandleOut(ctx context.Context, event string,
	payload aerie.Payload) error {
	if m.out == nil {
		return m.Channel.HandleOut(ctx, event, payload)
	}
	return m.out(m, event, payload)
}

func (m *module) HandleInfo(ctx context.Context, event string,
	payload aerie.Payload) error {
	if m.info == nil {
		return m.Channel.HandleInfo(ctx, event, payload)
	}
	return m.info(m, event, payload)
}

func (m *module) Terminate(ctx context.Context, end aerie.End) {
	if m.terminate == nil {
		m.Channel.Terminate(ctx, end)
		return
	}
	m.terminate(m, end)
}

// record is what happened, in order.
type record struct {
	mu    sync.Mutex
	items []string
	added chan struct{}
}

func newRecord() *record { return &record{added: make(chan struct{}, 1024)} }

func (r *record) add(format string, args ...any) {
	r.mu.Lock()
	r.items = append(r.items, fmt.Sprintf(format, args...))
	r.mu.Unlock()
	r.added <- struct{}{}
}

// await waits until so many things have happened, and returns them.
func (r *record) await(t *testing.T, n int) []string {
	t.Helper()
	for ; n > 0; n-- {
		select {
		case <-r.added:
		case <-time.After(10 * time.Second):
			t.Fatalf("only this has happened: %q", r.all())
		}
	}
	return r.all()
}

func (r *record) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string{}, r.items...)
}

func expect(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("\n got %#v\nwant %#v", got, want)
	}
}

// quiet logs nowhere but in a record.
type quiet struct{ errors *record }

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}

func (q quiet) Error(message string, fields ...any) {
	if q.errors != nil {
		q.errors.add("%s %v", message, fields)
	}
}

// bench is a host that runs, attached to the broker `one`.
type bench struct {
	t      *testing.T
	net    *fakebroker.Net
	broker *fakebroker.Broker
	host   *aerie.Host
	cancel context.CancelFunc
	ran    chan error
	errors *record
}

func newBench(t *testing.T, names ...string) *bench {
	t.Helper()
	b := &bench{
		t: t, net: fakebroker.NewNet(), ran: make(chan error, 1),
		errors: newRecord(),
	}
	b.broker = b.net.Start(t, "one", nil)
	if len(names) == 0 {
		names = []string{"one"}
	}
	addresses := make([]string, len(names))
	for i, name := range names {
		addresses[i] = fakebroker.Address(name)
	}
	host, err := aerie.NewHost("chat", aerie.HostOptions{
		Connection: aerie.Connection{
			Brokers:     addresses,
			DialOptions: []grpc.DialOption{b.net.DialOption()},
		},
		Instance: "chat-1", Version: "1.2.3", Capacity: 64,
		DrainWindow: 3 * time.Second, Logger: quiet{b.errors},
	})
	if err != nil {
		t.Fatal(err)
	}
	b.host = host
	return b
}

// run starts the host; the test's end stops it.
func (b *bench) run() {
	ctx, cancel := context.WithCancel(context.Background())
	b.cancel = cancel
	go func() { b.ran <- b.host.Run(ctx) }()
	b.t.Cleanup(func() {
		b.host.Stop()
		cancel()
	})
}

// attach is a host that handles `room:*` with a module, attached.
func attach(t *testing.T, m module) (*bench, *fakebroker.Attachment) {
	t.Helper()
	b := newBench(t)
	b.host.Handle("room:*", factory(m))
	b.run()
	return b, b.broker.Accept("b-1")
}

func factory(m module) aerie.Factory {
	return func(c *aerie.Channel) aerie.Callbacks {
		mine := m
		mine.Channel = c
		return &mine
	}
}

// awaitRun waits until Run has returned.
func (b *bench) awaitRun() error {
	b.t.Helper()
	select {
	case err := <-b.ran:
		return err
	case <-time.After(10 * time.Second):
		b.t.Fatal("Run does not return")
		return nil
	}
}

var errTest = errors.New("it did not work")
