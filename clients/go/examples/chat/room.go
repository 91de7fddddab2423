package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"sync"

	aerie "aerie.dev/clients/go"
)

const historyMax = 50

type object = map[string]any

type message struct {
	Body string `json:"body"`
	User string `json:"user"`
}

// chat is what all rooms of the process share.
type chat struct {
	conformance  bool
	terminateLog string

	mu      sync.Mutex
	history map[string][]message // By topic; oldest first.
}

func newChat(getenv func(string) string) *chat {
	return &chat{
		conformance:  getenv("AERIE_CONFORMANCE") == "1",
		terminateLog: getenv("AERIE_TERMINATE_LOG"),
		history:      map[string][]message{},
	}
}

// handle gives the rooms of a host to this chat.
func (c *chat) handle(host *aerie.Host) {
	var options []aerie.HandleOption
	if c.conformance {
		options = append(options, aerie.Intercept("secret"))
	}
	host.Handle("room:*", func(channel *aerie.Channel) aerie.Callbacks {
		return &room{Channel: channel, chat: c}
	}, options...)
}

func (c *chat) messages(topic string) []message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]message{}, c.history[topic]...)
}

// say remembers a message and broadcasts it; the history keeps the order in
// which clients get them.
func (c *chat) say(channel *aerie.Channel, m message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	history := append(c.history[channel.Topic()], m)
	if len(history) > historyMax {
		history = history[len(history)-historyMax:]
	}
	c.history[channel.Topic()] = history
	return channel.Broadcast("new_msg", m)
}

// room is one client in one room.
type room struct {
	*aerie.Channel
	chat *chat
	user string
}

// Join asks for a name.
func (r *room) Join(_ context.Context, params aerie.Payload) (any, error) {
	var p struct {
		User any `json:"user"`
		Fail any `json:"fail"`
		Bye  any `json:"bye"`
	}
	// What is no object has no user.
	_ = params.Decode(&p)
	if r.chat.conformance && p.Fail == true {
		panic("the join params ask for it")
	}
	r.user, _ = p.User.(string)
	switch r.user {
	case "":
		return nil, aerie.Refuse(object{"reason": "name required"})
	case "banned":
		return nil, aerie.Refuse(object{"reason": "banned"})
	}
	assigns := object{"user": r.user}
	if r.chat.conformance && p.Bye == true {
		assigns["bye"] = true
	}
	if err := r.Assign(assigns); err != nil {
		return nil, err
	}
	return object{"history": r.chat.messages(r.Topic())}, nil
}

// HandleIn knows the events of the chat.
func (r *room) HandleIn(ctx context.Context, event *aerie.Event) error {
	switch event.Name {
	case "new_msg":
		var p struct {
			Body *string `json:"body"`
		}
		if event.Payload.Decode(&p) != nil || p.Body == nil {
			return event.Error(object{"reason": "body required"})
		}
		err := r.chat.say(r.Channel, message{Body: *p.Body, User: r.user})
		if err != nil {
			return err
		}
		return event.Ok(nil)
	case "typing":
		return r.BroadcastFrom("typing", object{"user": r.user})
	}
	if r.chat.conformance {
		if known, err := r.testEvent(ctx, event); known {
			return err
		}
	}
	return event.Error(object{"reason": "unknown event"})
}

// Terminate writes a line about the end.
func (r *room) Terminate(_ context.Context, end aerie.End) {
	var assigns struct {
		Bye bool `json:"bye"`
	}
	if r.chat.conformance && r.Assigns(&assigns) == nil && assigns.Bye {
		if err := r.Push("bye", nil); err != nil {
			log.Print(err)
		}
	}
	if r.chat.terminateLog == "" {
		return
	}
	if err := r.logEnd(end); err != nil {
		log.Print("error terminate log: ", err)
	}
}

func (r *room) logEnd(end aerie.End) error {
	var assigns json.RawMessage
	if err := r.Assigns(&assigns); err != nil {
		return err
	}
	line, err := json.Marshal(struct {
		Topic   string          `json:"topic"`
		Reason  string          `json:"reason"`
		EventID string          `json:"event_id"`
		Assigns json.RawMessage `json:"assigns"`
	}{r.Topic(), end.Reason.String(), end.EventID, assigns})
	if err != nil {
		return err
	}
	file, err := os.OpenFile(r.chat.terminateLog,
		os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.Write(append(line, '\n'))
	return err
}
