package aerie

import (
	"fmt"
	"io"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Error is what a broker answers to a call that failed. errors.As finds it, and
// status.FromError the gRPC status.
type Error struct {
	// The method (`Broadcast`).
	Method  string
	Code    codes.Code
	Message string
	// ErrorInfo's reason, of the domain `aerie`; may be empty.
	Reason string
	// What is wrong with which fields of the request.
	Fields []FieldError
	// When to try again; 0 when the broker doesn't say.
	RetryAfter time.Duration

	status *status.Status
}

// FieldError is a field of a request that is wrong.
type FieldError struct{ Field, Problem string }

func (e *Error) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "aerie: %s: %v: %s", e.Method, e.Code, e.Message)
	for _, field := range e.Fields {
		fmt.Fprintf(&text, "; %s: %s", field.Field, field.Problem)
	}
	return text.String()
}

// GRPCStatus is the status as it came.
func (e *Error) GRPCStatus() *status.Status { return e.status }

// toError turns what a gRPC method returned into an *Error.
func toError(method string, err error) error {
	if err == nil {
		return nil
	}
	return statusError(method, status.Convert(err))
}

// streamError is toError for a stream; its end is one, too.
func streamError(method string, err error) error {
	if err == io.EOF {
		err = status.Error(codes.Unavailable, "the broker ended the stream")
	}
	return toError(method, err)
}

func statusError(method string, s *status.Status) error {
	if s.Code() == codes.OK {
		return nil
	}
	e := &Error{Method: method, Code: s.Code(), Message: s.Message(), status: s}
	for _, detail := range s.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			e.Reason = detail.GetReason()
		case *errdetails.BadRequest:
			for _, v := range detail.GetFieldViolations() {
				e.Fields = append(e.Fields,
					FieldError{v.GetField(), v.GetDescription()})
			}
		case *errdetails.RetryInfo:
			e.RetryAfter = detail.GetRetryDelay().AsDuration()
		}
	}
	return e
}
