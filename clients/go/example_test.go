package aerie_test

import (
	"context"
	"log"
	"time"

	aerie "aerie.dev/clients/go"
	"aerie.dev/clients/go/gen/aeriepb"
)

// lobby is one client in the lobby.
type lobby struct {
	*aerie.Channel // Its callbacks are the defaults of those not written here.
	user           string
}

func (l *lobby) Join(_ context.Context, params aerie.Payload) (any, error) {
	var p struct{ User string }
	if err := params.Decode(&p); err != nil || p.User == "" {
		return nil, aerie.Refuse(map[string]any{"reason": "name required"})
	}
	l.user = p.User
	return map[string]any{"welcome": p.User}, l.Assign(p)
}

func (l *lobby) HandleIn(_ context.Context, event *aerie.Event) error {
	if event.Name != "new_msg" {
		return event.Error(map[string]any{"reason": "unknown event"})
	}
	if err := l.Broadcast("new_msg", event.Payload); err != nil {
		return err
	}
	return event.Ok(nil)
}

func (l *lobby) Terminate(_ context.Context, end aerie.End) {
	log.Printf("%s is gone: %v", l.user, end.Reason)
}

// A host of one topic. SIGTERM drains it.
func ExampleHost() {
	host, err := aerie.NewHost("chat", aerie.HostOptions{})
	if err != nil {
		log.Fatal(err)
	}
	host.Handle("lobby", func(channel *aerie.Channel) aerie.Callbacks {
		return &lobby{Channel: channel}
	})
	if err := host.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// A host that decides who may open a socket.
func ExampleHost_HandleConnect() {
	host, err := aerie.NewHost("door", aerie.HostOptions{})
	if err != nil {
		log.Fatal(err)
	}
	host.HandleConnect(func(_ context.Context, r *aerie.ConnectRequest) (
		aerie.Accept, error) {
		user := r.Param("user")
		if user == "" {
			return aerie.Accept{}, aerie.RefuseConnect(403, "who are you?")
		}
		return aerie.Accept{SocketID: "users:" + user}, nil
	})
	if err := host.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// A reply that comes when it is ready.
func ExampleRef() {
	handleIn := func(ctx context.Context, event *aerie.Event) error {
		ref := event.Ref
		time.AfterFunc(time.Second, func() {
			if err := ref.Ok(map[string]any{"done": true}); err != nil {
				log.Print(err)
			}
		})
		return nil // The channel's next event need not wait.
	}
	_ = handleIn
}

// A broadcast from a service that hosts nothing.
func ExampleControl_Broadcast() {
	control, err := aerie.NewControl(aerie.Connection{
		Brokers: []string{"broker-0:4010", "broker-1:4010"},
		Token:   aerie.TokenFile("/run/secrets/aerie"),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer control.Close()
	sent, err := control.Broadcast(context.Background(), aerie.Broadcast{
		Topic: "room:lobby", Event: "news",
		Payload:        map[string]any{"text": "hello"},
		IdempotencyKey: "news-17", // It may be repeated.
	})
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("sent to %d edges", sent.Edges)
}

// Everybody who comes and goes.
func ExampleControl_Watch() {
	control, err := aerie.NewControl(aerie.Connection{})
	if err != nil {
		log.Fatal(err)
	}
	defer control.Close()
	watcher, err := control.Watch(context.Background(),
		&aeriepb.WatchRequest{Channels: true, Prefix: "room:"})
	if err != nil {
		log.Fatal(err)
	}
	defer watcher.Close()
	for {
		event, err := watcher.Next()
		if err != nil {
			log.Fatal(err)
		}
		log.Print(event.GetKind(), " ", event.GetTopic())
	}
}

// Many broadcasts over one stream.
func ExamplePublisher() {
	ctx := context.Background()
	control, err := aerie.NewControl(aerie.Connection{})
	if err != nil {
		log.Fatal(err)
	}
	defer control.Close()
	publisher, err := control.NewPublisher(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for i := 0; i < 100_000; i++ {
		_, err := publisher.Publish(ctx, aerie.Broadcast{
			Topic: "ticks", Event: "tick", Payload: map[string]any{"n": i},
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	if err := publisher.Close(ctx); err != nil { // All are acknowledged.
		log.Fatal(err)
	}
}
