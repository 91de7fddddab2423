package aerie

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"

	"aerie.dev/clients/go/gen/aeriepb"
)

// HostOptions are the options of a Host. The zero value is good for a broker on
// this machine.
type HostOptions struct {
	Connection

	// The host process, new at each start; at most 128 bytes. Default:
	// `HOSTNAME-` and random hex.
	Instance string
	// The service's build, for people.
	Version string
	// Callbacks that may be unanswered at once. Default: 1,024.
	Capacity uint32
	// Over how long a drain spreads the ends of the channels. Default: 10 s.
	DrainWindow time.Duration
	// Leaves SIGTERM and SIGINT alone. Else the first one drains, and a second
	// one does what it would have done without a host.
	NoSignals bool
	// Where the host's life and failed callbacks are logged; a *slog.Logger
	// will do. Default: the standard logger, without what is for debugging.
	Logger Logger
}

// Host runs channels for a broker.
type Host struct {
	name    string
	options HostOptions
	log     Logger
	routes  []*route
	connect ConnectFunc
	ends    *ends
	active  sync.WaitGroup // Channels.

	draining  chan struct{}
	drainOnce sync.Once
	stopping  chan struct{}
	stopOnce  sync.Once

	mu      sync.Mutex
	running bool
	link    *link // While attached.
}

// ErrNotAttached means that there is no stream to a broker just now.
var ErrNotAttached = errors.New("aerie: the host is not attached to a broker")

// NewHost makes a host of a service (`chat`).
func NewHost(name string, options HostOptions) (*Host, error) {
	if options.Instance == "" {
		options.Instance = newInstance()
	}
	for what, value := range map[string]string{
		"name": name, "instance": options.Instance,
	} {
		if value == "" || len(value) > nameBytesMax ||
			!utf8.ValidString(value) {
			return nil, fmt.Errorf("aerie: the %s of a host is UTF-8 of 1 to "+
				"%d bytes", what, nameBytesMax)
		}
	}
	const longest = math.MaxUint32 * time.Millisecond
	switch {
	case options.DrainWindow < 0 || options.DrainWindow > longest:
		return nil, fmt.Errorf("aerie: a drain window is 0 to %v", longest)
	case !utf8.ValidString(options.Version):
		return nil, errors.New("aerie: the version of a host is not UTF-8")
	}
	if options.DrainWindow == 0 {
		options.DrainWindow = drainWindow
	}
	if options.Logger == nil {
		options.Logger = standardLogger{}
	}
	return &Host{
		name: name, options: options, log: options.Logger,
		ends:     newEnds(),
		draining: make(chan struct{}),
		stopping: make(chan struct{}),
	}, nil
}

func newInstance() string {
	host, err := os.Hostname()
	if err != nil || host == "" || len(host) > 100 {
		host = "host"
	}
	var random [6]byte
	_, _ = rand.Read(random[:]) // The name only helps people.
	return host + "-" + hex.EncodeToString(random[:])
}

// Spread is how new channels are shared out among the hosts of a pattern.
type Spread int

// The ways to spread: all channels of a topic in one host, all channels of a
// socket in one host, or each in the host with the fewest.
const (
	SpreadTopic       = Spread(aeriepb.HostFrame_Pattern_SPREAD_TOPIC)
	SpreadSocket      = Spread(aeriepb.HostFrame_Pattern_SPREAD_SOCKET)
	SpreadLeastLoaded = Spread(aeriepb.HostFrame_Pattern_SPREAD_LEAST_LOADED)
)

// Factory makes the value of a channel, when a client joins.
type Factory func(channel *Channel) Callbacks

// HandleOption is an option of Host.Handle.
type HandleOption func(*route)

// Intercept lets broadcasts of these events come to HandleOut.
func Intercept(events ...string) HandleOption {
	return func(r *route) { r.intercepts = append(r.intercepts, events...) }
}

// SpreadBy says how channels are shared out. Default: SpreadTopic. The first
// host of a pattern decides.
func SpreadBy(spread Spread) HandleOption {
	return func(r *route) { r.spread = spread }
}

type route struct {
	pattern    string
	factory    Factory
	intercepts []string
	spread     Spread
}

// Handle gives the channels of a topic, or of a prefix that ends in `*`, to the
// values that the factory makes. It panics when the pattern is wrong or known
// already, as http.ServeMux does, and must not be called after Run.
func (h *Host) Handle(pattern string, factory Factory,
	options ...HandleOption) {
	prefix := strings.TrimSuffix(pattern, "*")
	switch {
	case pattern == "" || len(pattern) > patternBytesMax ||
		!utf8.ValidString(pattern) || strings.Contains(prefix, "*"):
		panic(fmt.Sprintf("aerie: the pattern %q is no topic, and no prefix "+
			"with a * at its end", pattern))
	case factory == nil:
		panic("aerie: the factory is nil")
	case h.route(pattern) != nil:
		panic(fmt.Sprintf("aerie: the pattern %q is handled already", pattern))
	case len(h.routes) == patternsMax:
		panic(fmt.Sprintf("aerie: a host has at most %d patterns", patternsMax))
	}
	r := &route{pattern: pattern, factory: factory, spread: SpreadTopic}
	for _, option := range options {
		option(r)
	}
	if len(r.intercepts) > interceptsMax {
		panic(fmt.Sprintf("aerie: a pattern has at most %d intercepts",
			interceptsMax))
	}
	for _, event := range r.intercepts {
		if err := checkEvent(event); err != nil {
			panic(err.Error())
		}
	}
	h.routes = append(h.routes, r)
}

func (h *Host) route(pattern string) *route {
	for _, r := range h.routes {
		if r.pattern == pattern {
			return r
		}
	}
	return nil
}

func (h *Host) registration() *aeriepb.HostFrame {
	registration := &aeriepb.HostFrame_Registration{
		Major:    protocolMajor,
		Minor:    protocolMinor,
		Name:     h.name,
		Instance: h.options.Instance,
		Version:  h.options.Version,
		Capacity: h.options.Capacity,
		Connect:  h.connect != nil,
	}
	for _, r := range h.routes {
		registration.Patterns = append(registration.Patterns,
			&aeriepb.HostFrame_Pattern{
				Pattern:    r.pattern,
				Intercepts: r.intercepts,
				Spread:     aeriepb.HostFrame_Pattern_Spread(r.spread),
			})
	}
	return &aeriepb.HostFrame{
		Frame: &aeriepb.HostFrame_Registration_{Registration: registration},
	}
}

// Run attaches to a broker and serves, until the context ends, Drain or Stop is
// called, or the process gets SIGTERM or SIGINT. It attaches again, to the next
// broker, whenever the stream is lost. It returns nil after a drain, and an
// error when the first broker that answers refuses the host. A host runs once.
func (h *Host) Run(ctx context.Context) error {
	h.mu.Lock()
	started := h.running
	h.running = true
	h.mu.Unlock()
	switch {
	case started:
		return errors.New("aerie: a host runs once")
	case len(h.routes) == 0 && h.connect == nil:
		return errors.New("aerie: the host handles nothing: call Handle first")
	}
	signals := make(chan os.Signal, 1)
	if !h.options.NoSignals {
		signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	}
	ended := make(chan struct{})
	defer close(ended)
	go h.drainOn(ctx, signals, ended)
	err := h.serveAll()
	h.settle()
	return err
}

// drainOn drains when the context ends or the first signal comes. The second
// one is not for us any more.
func (h *Host) drainOn(ctx context.Context, signals chan os.Signal,
	ended <-chan struct{}) {
	defer signal.Stop(signals)
	canceled := ctx.Done()
	for {
		select {
		case <-canceled:
			canceled = nil
			h.Drain()
		case <-signals:
			h.Drain()
			return
		case <-ended:
			return
		}
	}
}

// serveAll serves one stream after the other.
func (h *Host) serveAll() error {
	attempts, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-h.draining:
			cancel()
		case <-attempts.Done():
		}
	}()
	brokers := h.options.brokers()
	everAttached := false
	for attempt, next := 1, 0; ; next++ {
		if next > 0 && !sleep(attempts, pause(attempt)) ||
			attempts.Err() != nil {
			return nil
		}
		attempt++
		l, err := h.attach(attempts, brokers[next%len(brokers)])
		switch {
		case attempts.Err() != nil && err != nil:
			return nil
		case err != nil && fatal(err) && !everAttached:
			return err
		case err != nil && fatal(err):
			h.log.Error("not attached", "error", err)
			continue
		case err != nil:
			h.log.Info("not attached", "error", err)
			continue
		}
		everAttached = true
		since := time.Now()
		h.serve(l)
		if time.Since(since) >= stableAfter {
			attempt = 1
		}
	}
}

// serve waits for the end of a stream, and drains it when it is time.
func (h *Host) serve(l *link) {
	h.log.Info("attached", "address", l.address, "broker", l.broker,
		"version", l.version)
	h.setLink(l)
	defer h.setLink(nil)
	select {
	case <-l.ended:
		h.logLost(l)
		return
	case <-h.draining:
		h.drain(l)
	}
	l.cancel()
	<-l.ended
}

func (h *Host) logLost(l *link) {
	log := h.log.Info
	if fatal(l.cause) {
		log = h.log.Error
	}
	log("stream lost", "address", l.address, "broker", l.broker, "cause",
		l.cause)
}

// drain ends the channels of a stream, and then half-closes it.
func (h *Host) drain(l *link) {
	window := h.options.DrainWindow
	h.log.Info("draining", "broker", l.broker, "window", window)
	l.out.put(&aeriepb.HostFrame{Frame: &aeriepb.HostFrame_Drain_{
		Drain: &aeriepb.HostFrame_Drain{
			WindowMs: uint32(window.Milliseconds()),
		},
	}})
	timeout := time.NewTimer(window + drainGrace)
	defer timeout.Stop()
	select {
	case <-l.drained:
		h.log.Info("drained", "broker", l.broker)
	case <-l.ended:
		h.logLost(l)
		return
	case <-timeout.C:
		h.log.Error("drain has taken too long", "broker", l.broker)
	case <-h.stopping:
		return
	}
	l.out.end()
	grace := time.NewTimer(closeGrace)
	defer grace.Stop()
	select {
	case <-l.ended:
	case <-grace.C:
	case <-h.stopping:
	}
}

// settle waits a moment for the channels that are ending.
func (h *Host) settle() {
	idle := make(chan struct{})
	go func() {
		h.active.Wait()
		close(idle)
	}()
	select {
	case <-idle:
	case <-time.After(closeGrace):
	}
}

// Drain ends the host in good order: its channels are ended one by one, then
// Run returns. It does not wait.
func (h *Host) Drain() {
	h.drainOnce.Do(func() { close(h.draining) })
}

// Stop ends the stream at once, and with it all channels: their clients join
// again. It does not wait for Run to return.
func (h *Host) Stop() {
	h.stopOnce.Do(func() { close(h.stopping) })
	h.Drain()
}

// Attached tells whether there is a stream to a broker.
func (h *Host) Attached() bool { return h.current() != nil }

func (h *Host) setLink(l *link) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.link = l
}

func (h *Host) current() *link {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.link
}

// Broadcast sends an event to every client of a topic.
func (h *Host) Broadcast(topic, event string, payload any) error {
	if err := checkTopic(topic); err != nil {
		return err
	}
	return h.say(func(l *link) (*aeriepb.HostFrame, error) {
		encoded, err := l.encodeEvent(event, payload)
		return &aeriepb.HostFrame{Frame: &aeriepb.HostFrame_Broadcast_{
			Broadcast: &aeriepb.HostFrame_Broadcast{
				Topic: topic, Event: event, Payload: encoded.proto(),
			},
		}}, err
	})
}

// Send gives a message to a channel of any host: it gets HandleInfo.
func (h *Host) Send(channel uint64, event string, payload any) error {
	if channel == 0 {
		return errors.New("aerie: the channel is 0")
	}
	return h.say(func(l *link) (*aeriepb.HostFrame, error) {
		encoded, err := l.encodeEvent(event, payload)
		return &aeriepb.HostFrame{Frame: &aeriepb.HostFrame_Send_{
			Send: &aeriepb.HostFrame_Send{
				To: channel, Event: event, Payload: encoded.proto(),
			},
		}}, err
	})
}

// Disconnect ends every connection of a socket id.
func (h *Host) Disconnect(socketID string) error {
	if socketID == "" {
		return errors.New("aerie: the socket id is empty")
	}
	return h.say(func(*link) (*aeriepb.HostFrame, error) {
		return &aeriepb.HostFrame{Frame: &aeriepb.HostFrame_Disconnect_{
			Disconnect: &aeriepb.HostFrame_Disconnect{SocketId: socketID},
		}}, nil
	})
}

func (h *Host) say(make func(*link) (*aeriepb.HostFrame, error)) error {
	l := h.current()
	if l == nil {
		return ErrNotAttached
	}
	frame, err := make(l)
	if err != nil {
		return err
	}
	l.out.put(frame)
	return nil
}
