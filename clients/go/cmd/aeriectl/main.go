// Command aeriectl acts on the topics and sockets of an Aerie broker, from a
// shell.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt,
		syscall.SIGTERM)
	code := run(ctx, os.Args[1:], &world{
		in: os.Stdin, out: os.Stdout, errors: os.Stderr,
		getenv: os.Getenv, now: time.Now,
	})
	stop()
	os.Exit(code)
}

// world is what surrounds the process.
type world struct {
	in     io.Reader
	out    io.Writer
	errors io.Writer
	getenv func(string) string
	now    func() time.Time
}

// run runs a command line, and returns the exit code.
func run(ctx context.Context, arguments []string, w *world) int {
	root := newRoot(w)
	root.SetArgs(arguments)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOk
	}
	code := exitCode(err)
	fmt.Fprintln(w.errors, "aeriectl:", message(err))
	if code == exitUsage {
		fmt.Fprintln(w.errors, "Try 'aeriectl --help'.")
	}
	return code
}
