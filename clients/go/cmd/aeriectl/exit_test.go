package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"aerie.dev/clients/go/internal/fakecontrol"
)

func TestTheExitCodeTellsWhatTheBrokerSaid(t *testing.T) {
	for code, want := range map[codes.Code]int{
		codes.InvalidArgument:    exitUsage,
		codes.NotFound:           exitNotFound,
		codes.Unauthenticated:    exitDenied,
		codes.PermissionDenied:   exitDenied,
		codes.Unavailable:        exitUnavailable,
		codes.DeadlineExceeded:   exitUnavailable,
		codes.ResourceExhausted:  exitError,
		codes.Internal:           exitError,
		codes.FailedPrecondition: exitError,
	} {
		s := newShell(t, &fakecontrol.Server{Fail: func(string) error {
			return status.Error(code, "so it is")
		}})
		for _, command := range []string{"topics", "topics a", "broadcast a x",
			"push --channel 1 x", "disconnect a", "close --topic a", "watch",
			"renew a/1 t", "info"} {
			r := s.run(strings.Fields(command)...)
			if r.code != want || !strings.Contains(r.errors, "so it is") ||
				r.out != "" {
				t.Errorf("%v: %s ends with %d, not %d: %s%s", code, command,
					r.code, want, r.out, r.errors)
			}
		}
	}
}

func TestAWrongCommandLineEndsWithTwo(t *testing.T) {
	s := newShell(t, &fakecontrol.Server{})
	for _, command := range []string{
		"nonsense", "topics a b", "topics --nonsense", "topics -o yaml",
		"topics --limit many",
		"topics --limit -1", "sockets --limit -1",
		"topics a --prefix b", "sockets a --id b",
		"broadcast a", "broadcast a x nonsense", "broadcast a x @/nowhere",
		"broadcast a x --binary", "push x", "push --channel 1 --topic a x",
		"push --topic a x", "close", "close --socket-id a",
		"disconnect", "renew a/1", "token nonsense", "token make", "token check a",
		"info --cert-file a", "info --ca-file /nowhere",
		"info --timeout soon", "token make --secret-env a --key b",
	} {
		r := s.run(strings.Fields(command)...)
		if r.code != exitUsage || r.errors == "" || r.out != "" {
			t.Errorf("%s ends with %d: %s%s", command, r.code, r.out, r.errors)
		}
	}
}

func TestNobodyThereEndsWithThree(t *testing.T) {
	s := newShell(t, &fakecontrol.Server{})
	r := s.run("disconnect", "nobody")
	if r.code != exitNotFound || r.out != "disconnected 0 sockets\n" {
		t.Errorf("ends with %d: %s", r.code, r.out)
	}
}

func TestNoBrokerEndsWithFive(t *testing.T) {
	s := newShell(t, nil)
	for _, arguments := range [][]string{
		{"info", "--broker", "127.0.0.1:1"},
		{"watch", "--broker", "127.0.0.1:1"},
		{"info", "--broker", "127.0.0.1:1", "--timeout", "1ns"},
	} {
		if r := s.run(arguments...); r.code != exitUnavailable ||
			r.errors == "" {
			t.Errorf("%v ends with %d: %s", arguments, r.code, r.errors)
		}
	}
}

func TestAnotherBrokerIsAskedWhenOneIsGone(t *testing.T) {
	s := newShell(t, broker())
	s.ok("info", "--broker", "127.0.0.1:1,"+s.env["AERIE_BROKER"])
}

func TestTheTokenComesFromTheFlagOrElseTheEnvironment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("of-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		env  map[string]string
		flag string
		want string
	}{
		{nil, "", ""},
		{map[string]string{"AERIE_TOKEN": "of-env"}, "", "Bearer of-env"},
		{map[string]string{"AERIE_TOKEN_FILE": file}, "", "Bearer of-file"},
		{map[string]string{"AERIE_TOKEN": "of-env"}, file, "Bearer of-file"},
	} {
		server := &fakecontrol.Server{}
		s := newShell(t, server)
		for name, value := range c.env {
			s.env[name] = value
		}
		arguments := []string{"topics"}
		if c.flag != "" {
			arguments = append(arguments, "--token-file", c.flag)
		}
		s.ok(arguments...)
		if got := server.Tokens()[0]; got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestHelpAndCompletionNeedNoBroker(t *testing.T) {
	s := newShell(t, nil)
	golden(t, "help", s.ok("--help"))
	for _, command := range []string{"broadcast", "push", "topics", "sockets",
		"watch", "disconnect", "close", "renew", "info"} {
		help := s.ok(command, "--help")
		if !strings.Contains(help, "Scope ") {
			t.Errorf("%s does not name its scope: %s", command, help)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if !strings.Contains(s.ok("completion", shell), "aeriectl") {
			t.Errorf("no completion for %s", shell)
		}
	}
	if got := s.ok("--version"); !strings.HasPrefix(got, "aeriectl version") {
		t.Errorf("got %s", got)
	}
}

func TestTopicsAreCompleted(t *testing.T) {
	s := newShell(t, broker())
	r := s.run("__complete", "broadcast", "room")
	if !strings.Contains(r.out, "room:1\n") {
		t.Errorf("got %s", r.out)
	}
}
