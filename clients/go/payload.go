package aerie

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"aerie.dev/clients/go/gen/aeriepb"
)

// Payload is what an event or a reply carries: JSON text or bytes. The zero
// value is the empty object.
//
// Methods that send take any value: a Payload goes as it is, json.RawMessage as
// the text that it is, nil as the empty object, and everything else as
// encoding/json writes it. The payload of an event is an object or bytes; that
// of a reply may be any JSON.
type Payload struct {
	json     string
	binary   []byte
	isBinary bool
}

// Binary is a payload of opaque bytes. Only clients of the dialect 2.0.0 can be
// sent it.
func Binary(data []byte) Payload {
	return Payload{binary: data, isBinary: true}
}

// IsBinary tells whether the payload is bytes.
func (p Payload) IsBinary() bool { return p.isBinary }

// Bytes is the payload of bytes, or nil.
func (p Payload) Bytes() []byte { return p.binary }

// JSON is the payload's text, exactly as its author wrote it; empty for bytes.
func (p Payload) JSON() string {
	if p.isBinary {
		return ""
	}
	if p.json == "" {
		return "{}"
	}
	return p.json
}

// Decode parses the JSON into v, as json.Unmarshal does.
func (p Payload) Decode(v any) error {
	if p.isBinary {
		return errors.New("aerie: the payload is bytes, not JSON")
	}
	return json.Unmarshal([]byte(p.JSON()), v)
}

// String is for people: the JSON, or how many bytes there are.
func (p Payload) String() string {
	if p.isBinary {
		return fmt.Sprintf("<%d bytes>", len(p.binary))
	}
	return p.JSON()
}

func (p Payload) size() int { return len(p.json) + len(p.binary) }

func (p Payload) proto() *aeriepb.Payload {
	switch {
	case p.isBinary:
		return &aeriepb.Payload{Kind: &aeriepb.Payload_Binary{Binary: p.binary}}
	case p.json == "":
		return nil
	default:
		return &aeriepb.Payload{Kind: &aeriepb.Payload_Json{Json: p.json}}
	}
}

// PayloadOf is the payload of a message of aeriepb.
func PayloadOf(p *aeriepb.Payload) Payload {
	switch kind := p.GetKind().(type) {
	case *aeriepb.Payload_Json:
		return Payload{json: kind.Json}
	case *aeriepb.Payload_Binary:
		return Binary(kind.Binary)
	default:
		return Payload{}
	}
}

// encode makes a payload of what a caller sends.
func encode(v any) (Payload, error) {
	switch v := v.(type) {
	case nil:
		return Payload{}, nil
	case Payload:
		return v, nil
	case json.RawMessage:
		return Payload{json: string(v)}, checkJSON(string(v))
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return Payload{}, fmt.Errorf("aerie: payload: %w", err)
	}
	written := strings.TrimSuffix(text.String(), "\n")
	return Payload{json: written}, checkJSON(written)
}

// encodeEvent is encode for the payload of an event: an object or bytes.
func encodeEvent(v any) (Payload, error) {
	payload, err := encode(v)
	if err != nil {
		return Payload{}, err
	}
	if !payload.isBinary && !isObject(payload.JSON()) {
		return Payload{}, errors.New(
			"aerie: the payload of an event must be a JSON object or bytes")
	}
	return payload, nil
}

// encodeAssigns is encode for assigns: an object of a bounded size.
func encodeAssigns(v any, bytesMax int) (string, error) {
	payload, err := encode(v)
	if err != nil {
		return "", err
	}
	switch {
	case payload.isBinary || !isObject(payload.JSON()):
		return "", errors.New("aerie: assigns must be a JSON object")
	case payload.size() > bytesMax:
		return "", fmt.Errorf("aerie: assigns of %d bytes, at most %d",
			payload.size(), bytesMax)
	}
	return payload.JSON(), nil
}

func isObject(text string) bool {
	return strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{")
}

func checkEvent(event string) error {
	switch {
	case !utf8.ValidString(event):
		return errors.New("aerie: the event is not UTF-8")
	case strings.HasPrefix(event, "phx_"):
		return fmt.Errorf("aerie: the event %q is reserved", event)
	}
	return nil
}

func checkTopic(topic string) error {
	switch {
	case topic == "":
		return errors.New("aerie: the topic is empty")
	case !utf8.ValidString(topic):
		return errors.New("aerie: the topic is not UTF-8")
	}
	return nil
}

func checkStatus(status string) error {
	if len(status) > nameBytesMax || !utf8.ValidString(status) {
		return fmt.Errorf("aerie: a status is UTF-8 of at most %d bytes",
			nameBytesMax)
	}
	return nil
}
