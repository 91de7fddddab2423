package main

import (
	"context"
	"log"
	"os"
	"time"

	aerie "aerie.dev/clients/go"
)

// testEvent does what the conformance tests ask for; false: it is none of
// theirs.
func (r *room) testEvent(ctx context.Context, event *aerie.Event) (bool,
	error) {
	switch event.Name {
	case "echo":
		return true, event.Ok(event.Payload)
	case "who":
		return true, event.Ok(object{"pid": os.Getpid()})
	case "later":
		ref := event.Ref
		time.AfterFunc(200*time.Millisecond, func() {
			if err := ref.Ok(object{"late": true}); err != nil {
				log.Print(err)
			}
		})
		return true, nil
	case "push_me":
		if err := r.Push("pushed", event.Payload); err != nil {
			return true, err
		}
		return true, event.Ok(nil)
	case "after":
		if err := r.SendSelf("after", nil); err != nil {
			return true, err
		}
		return true, event.Ok(nil)
	case "stop_normal":
		return true, r.StopReply(aerie.StopNormal, event.Ref, "ok", nil)
	case "stop_shutdown":
		return true, r.StopReply(aerie.StopShutdown, event.Ref, "ok", nil)
	case "stop_crash":
		return true, r.StopReply(aerie.Crash, event.Ref, "ok", nil)
	case "raise":
		panic("the client asks for it")
	case "slow":
		return true, slow(ctx, event)
	case "secret":
		if err := r.Broadcast("secret", object{"by": r.user}); err != nil {
			return true, err
		}
		return true, event.Ok(nil)
	}
	return false, nil
}

func slow(ctx context.Context, event *aerie.Event) error {
	var p struct {
		Ms int `json:"ms"`
	}
	if err := event.Payload.Decode(&p); err != nil {
		return err
	}
	timer := time.NewTimer(time.Duration(p.Ms) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return event.Ok(object{"slept": p.Ms})
	case <-ctx.Done():
		return ctx.Err()
	}
}

// HandleOut tells each client its own name instead of the secret's author.
func (r *room) HandleOut(_ context.Context, event string,
	payload aerie.Payload) error {
	if event == "secret" {
		return r.Push(event, object{"seen_by": r.user})
	}
	return r.Push(event, payload)
}

// HandleInfo is for the message that the channel sends itself.
func (r *room) HandleInfo(_ context.Context, event string,
	_ aerie.Payload) error {
	if event == "after" && r.chat.conformance {
		return r.Push("after", nil)
	}
	return nil
}
