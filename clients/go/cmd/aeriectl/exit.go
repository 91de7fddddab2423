package main

import (
	"errors"
	"fmt"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// The exit codes.
const (
	exitOk          = 0
	exitError       = 1
	exitUsage       = 2
	exitNotFound    = 3
	exitDenied      = 4
	exitUnavailable = 5
)

const exitHelp = `Exit codes:
  0  it worked
  1  any other error
  2  the command line is wrong, or the broker refuses what it says
  3  no such topic, channel or socket
  4  no credentials, wrong ones, or ones without the scope; an invalid token
  5  no broker, or none that answers in time`

// failure is an error with an exit code of its own.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func fail(code int, format string, args ...any) error {
	return &failure{code, fmt.Errorf(format, args...)}
}

// done marks what a command returned: any other error is cobra's, about the
// command line.
func done(err error) error {
	var f *failure
	if err == nil || errors.As(err, &f) {
		return err
	}
	return &failure{codeOf(err), err}
}

func codeOf(err error) int {
	switch status.Code(err) {
	case codes.InvalidArgument:
		return exitUsage
	case codes.NotFound:
		return exitNotFound
	case codes.Unauthenticated, codes.PermissionDenied:
		return exitDenied
	case codes.Unavailable, codes.DeadlineExceeded:
		return exitUnavailable
	}
	return exitError
}

func exitCode(err error) int {
	var f *failure
	if errors.As(err, &f) {
		return f.code
	}
	return exitUsage
}

func message(err error) string {
	return strings.TrimPrefix(err.Error(), "aerie: ")
}
