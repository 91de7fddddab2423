package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"

	aerie "aerie.dev/clients/go"
	"aerie.dev/clients/go/gen/aeriepb"
	fake "aerie.dev/clients/go/internal/fakebroker"
)

// start runs the chat, attached to a fake broker.
func start(t *testing.T, env map[string]string) *fake.Attachment {
	t.Helper()
	getenv := func(name string) string { return env[name] }
	options, err := optionsOf(getenv)
	if err != nil {
		t.Fatal(err)
	}
	net := fake.NewNet()
	broker := net.Start(t, "one", nil)
	options.Brokers = []string{fake.Address("one")}
	options.DialOptions = []grpc.DialOption{net.DialOption()}
	options.NoSignals = true
	host, err := aerie.NewHost("chat", options)
	if err != nil {
		t.Fatal(err)
	}
	newChat(getenv).handle(host)
	ran := make(chan error, 1)
	go func() { ran <- host.Run(context.Background()) }()
	t.Cleanup(func() {
		host.Stop()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	})
	return broker.Accept("b-1")
}

func join(a *fake.Attachment, id uint64, user, history string) {
	a.Send(fake.Join(id, "room:1", "room:*", `{"user":"`+user+`"}`))
	a.Expect(fake.Ok(id, `{"history":[`+history+`]}`,
		`{"id":42,"user":"`+user+`"}`))
}

var conformance = map[string]string{"AERIE_CONFORMANCE": "1"}

func TestAJoinNeedsAName(t *testing.T) {
	a := start(t, nil)
	for i, params := range []string{`{}`, `{"user":""}`, `{"user":7}`} {
		a.Send(fake.Join(uint64(i), "room:1", "room:*", params))
		a.Expect(fake.Refused(uint64(i), `{"reason":"name required"}`))
	}
	a.Send(fake.Join(9, "room:1", "room:*", `{"user":"banned"}`))
	a.Expect(fake.Refused(9, `{"reason":"banned"}`))
}

func TestMessagesGoToAllAndIntoTheHistoryOfTheTopic(t *testing.T) {
	a := start(t, nil)
	join(a, 1, "ann", "")
	var kept []string
	for i := 0; i < 53; i++ {
		text := fmt.Sprintf(`{"body":"m%d","user":"ann"}`, i)
		a.Send(fake.In(1, "new_msg", fmt.Sprintf(`{"body":"m%d"}`, i), "r"))
		a.Expect(fake.Broadcast(1, "room:1", "new_msg", text, false),
			fake.Reply(1, "r", "ok", ""), fake.Done(1, 1))
		kept = append(kept, text)
	}
	join(a, 2, "bob", strings.Join(kept[3:], ","))
	a.Send(fake.In(1, "new_msg", `{"body":7}`, "r"))
	a.Expect(fake.Reply(1, "r", "error", `{"reason":"body required"}`))
}

func TestTypingGoesToTheOthers(t *testing.T) {
	a := start(t, nil)
	join(a, 1, "ann", "")
	a.Send(fake.In(1, "typing", `{}`, ""))
	a.Expect(fake.Broadcast(1, "room:1", "typing", `{"user":"ann"}`, true),
		fake.Done(1, 1))
}

func TestTheEventsOfTheTestsAreUnknownUnlessAskedFor(t *testing.T) {
	a := start(t, nil)
	join(a, 1, "ann", "")
	for _, event := range []string{"echo", "raise", "anything"} {
		a.Send(fake.In(1, event, `{}`, "r"))
		a.Expect(fake.Reply(1, "r", "error", `{"reason":"unknown event"}`),
			fake.Done(1, 1))
	}
}

func TestTheEventsOfTheTests(t *testing.T) {
	a := start(t, conformance)
	join(a, 1, "ann", "")
	ask := func(event, payload string, want ...*aeriepb.HostFrame) {
		t.Helper()
		a.Send(fake.In(1, event, payload, "r"))
		a.Expect(append(want, fake.Done(1, 1))...)
	}
	ask("echo", `{"n":1.0}`, fake.Reply(1, "r", "ok", `{"n":1.0}`))
	ask("who", `{}`, fake.Reply(1, "r", "ok",
		fmt.Sprintf(`{"pid":%d}`, os.Getpid())))
	ask("push_me", `{"a":1}`, fake.Push(1, "pushed", `{"a":1}`),
		fake.Reply(1, "r", "ok", ""))
	ask("slow", `{"ms":1}`, fake.Reply(1, "r", "ok", `{"slept":1}`))
	ask("secret", `{}`,
		fake.Broadcast(1, "room:1", "secret", `{"by":"ann"}`, false),
		fake.Reply(1, "r", "ok", ""))
	ask("nonsense", `{}`,
		fake.Reply(1, "r", "error", `{"reason":"unknown event"}`))
	a.Send(fake.Out(1, "secret", `{"by":"bob"}`))
	a.Expect(fake.Push(1, "secret", `{"seen_by":"ann"}`), fake.Done(1, 1))
	ask("later", `{}`)
	a.Expect(fake.Reply(1, "r", "ok", `{"late":true}`))
	ask("after", `{}`, fake.Reply(1, "r", "ok", ""))
	a.Expect(fake.Push(1, "after", ""))
}

func TestTheWaysToEnd(t *testing.T) {
	for event, reason := range map[string]aerie.ExitReason{
		"stop_normal": aerie.StopNormal, "stop_shutdown": aerie.StopShutdown,
		"stop_crash": aerie.Crash, "raise": aerie.Crash,
	} {
		a := start(t, conformance)
		join(a, 1, "ann", "")
		a.Send(fake.In(1, event, `{}`, "r"))
		stop := fake.Stop(1, aeriepb.ExitReason(reason))
		if event != "raise" {
			stop.GetStop().Reply = fake.Reply(1, "r", "ok", "").GetReply()
		}
		a.Expect(stop, fake.Done(1, 1))
	}
	a := start(t, conformance)
	a.Send(fake.Join(1, "room:1", "room:*", `{"user":"ann","fail":true}`))
	a.Expect(fake.JoinCrashed(1))
}

func TestEachEndIsALine(t *testing.T) {
	log := filepath.Join(t.TempDir(), "ends")
	a := start(t, map[string]string{
		"AERIE_CONFORMANCE": "1", "AERIE_TERMINATE_LOG": log,
	})
	a.Send(fake.Join(1, "room:1", "room:*", `{"user":"ann","bye":true}`))
	a.Expect(fake.Ok(1, `{"history":[]}`, `{"bye":true,"id":42,"user":"ann"}`))
	a.Send(fake.Terminate(1, aeriepb.ExitReason_EXIT_REASON_LEFT, "end-1"))
	a.Expect(fake.Left(1), fake.Push(1, "bye", ""),
		fake.Terminated(1, "end-1"))
	a.Send(fake.Redelivered(2, "room:2", "room:*", `{"user":"bob"}`, "end-2"))
	a.Expect(fake.Terminated(2, "end-2"))
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"topic":"room:1","reason":"left","event_id":"end-1",` +
		`"assigns":{"bye":true,"id":42,"user":"ann"}}` + "\n" +
		`{"topic":"room:2","reason":"host_lost","event_id":"end-2",` +
		`"assigns":{"user":"bob"}}` + "\n"
	if string(text) != want {
		t.Errorf("\n got %s\nwant %s", text, want)
	}
}

func TestSettingsComeFromTheEnvironment(t *testing.T) {
	options, err := optionsOf(func(name string) string {
		return map[string]string{
			"AERIE_BROKER": "a:1,b:2", "AERIE_DRAIN_MS": "1500",
			"AERIE_TOKEN_FILE": "token",
		}[name]
	})
	if err != nil || len(options.Brokers) != 2 || options.TLS != nil ||
		options.DrainWindow != 1500*time.Millisecond || options.Token == nil {
		t.Errorf("got %+v, %v", options, err)
	}
	for name, value := range map[string]string{
		"AERIE_DRAIN_MS": "soon", "AERIE_CA_FILE": "/nowhere",
	} {
		_, err := optionsOf(func(asked string) string {
			if asked == name {
				return value
			}
			return ""
		})
		if err == nil {
			t.Errorf("%s=%s is no error", name, value)
		}
	}
}
