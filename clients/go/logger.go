package aerie

import (
	"fmt"
	"log"
	"strings"
)

// Logger takes a message and its fields, name and value in turn. A *slog.Logger
// is one.
type Logger interface {
	Debug(message string, fields ...any)
	Info(message string, fields ...any)
	Error(message string, fields ...any)
}

// standardLogger writes to the standard library's logger, as `name=value`.
type standardLogger struct{}

func (standardLogger) Debug(string, ...any) {}

func (standardLogger) Info(message string, fields ...any) {
	log.Print("info ", message, join(fields))
}

func (standardLogger) Error(message string, fields ...any) {
	log.Print("error ", message, join(fields))
}

func join(fields []any) string {
	var text strings.Builder
	for i := 0; i+1 < len(fields); i += 2 {
		value := fmt.Sprint(fields[i+1])
		if strings.ContainsAny(value, " \t\n\"=") && fields[i] != "stack" {
			value = fmt.Sprintf("%q", value)
		}
		fmt.Fprintf(&text, " %v=%s", fields[i], value)
	}
	return text.String()
}
