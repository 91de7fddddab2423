package main

import (
	"encoding/json"
	"io"
	"os"
	"strings"

	aerie "aerie.dev/clients/go"
)

const payloadHelp = "PAYLOAD is a JSON object, @FILE or - for standard " +
	"input; without it, {}."

// payload is what an argument stands for.
func (a *app) payload(arguments []string, binary bool) (any, error) {
	if len(arguments) == 0 {
		if binary {
			return nil, fail(exitUsage, "--binary needs a PAYLOAD")
		}
		return nil, nil
	}
	text, err := a.read(arguments[0])
	if err != nil {
		return nil, err
	}
	if binary {
		return aerie.Binary(text), nil
	}
	if !json.Valid(text) {
		return nil, fail(exitUsage, "the payload is not JSON")
	}
	return json.RawMessage(text), nil
}

// read is an argument's text, or the file or input that it names.
func (a *app) read(argument string) ([]byte, error) {
	var text []byte
	var err error
	switch {
	case argument == "-":
		text, err = io.ReadAll(a.in)
	case strings.HasPrefix(argument, "@"):
		text, err = os.ReadFile(argument[1:])
	default:
		return []byte(argument), nil
	}
	if err != nil {
		return nil, fail(exitUsage, "%w", err)
	}
	return text, nil
}
