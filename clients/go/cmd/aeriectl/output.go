package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// printJSON writes a message as one line, with all fields and the contract's
// names.
func (a *app) printJSON(message proto.Message) error {
	text, err := protojson.MarshalOptions{
		UseProtoNames: true, EmitUnpopulated: true,
	}.Marshal(message)
	if err != nil {
		return err
	}
	var line bytes.Buffer // protojson's spaces vary on purpose.
	if err := json.Compact(&line, text); err != nil {
		return err
	}
	line.WriteByte('\n')
	_, err = line.WriteTo(a.out)
	return err
}

// say prints a result: a sentence, or a message as JSON.
func (a *app) say(message proto.Message, format string, args ...any) error {
	if a.format == "json" {
		return a.printJSON(message)
	}
	_, err := fmt.Fprintf(a.out, format+"\n", args...)
	return err
}

// table writes columns.
type table struct {
	writer *tabwriter.Writer
	bytes  *bytes.Buffer
	out    io.Writer
}

func (a *app) newTable(columns ...string) *table {
	t := &table{bytes: &bytes.Buffer{}, out: a.out}
	t.writer = tabwriter.NewWriter(t.bytes, 0, 0, 2, ' ', 0)
	if len(columns) > 0 {
		names := make([]any, len(columns))
		for i, column := range columns {
			names[i] = column
		}
		t.row(names...)
	}
	return t
}

func (t *table) row(cells ...any) {
	for i, cell := range cells {
		if i > 0 {
			fmt.Fprint(t.writer, "\t")
		}
		fmt.Fprint(t.writer, printable(fmt.Sprint(cell)))
	}
	fmt.Fprint(t.writer, "\n")
}

// print writes the table, without the spaces at the ends of its lines.
func (t *table) print() error {
	if err := t.writer.Flush(); err != nil {
		return err
	}
	for _, line := range strings.SplitAfter(t.bytes.String(), "\n") {
		trimmed := strings.TrimRight(line, " \n")
		if line == "" {
			continue
		}
		if _, err := fmt.Fprintln(t.out, trimmed); err != nil {
			return err
		}
	}
	return nil
}

// printable is a text of clients in a table: what would move the cursor, or
// color the terminal, is escaped. Nothing is a dash.
func printable(text string) string {
	if text == "" {
		return "-"
	}
	var safe strings.Builder
	for _, r := range text {
		if r < ' ' || r >= 0x7f && r <= 0x9f || r == '\u2028' || r == '\u202e' {
			fmt.Fprintf(&safe, "\\u%04x", r)
			continue
		}
		safe.WriteRune(r)
	}
	return safe.String()
}

func timeText(t time.Time) string {
	if t.IsZero() || t.Unix() == 0 {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

func count(n uint32, what string) string {
	if n == 1 {
		return fmt.Sprintf("1 %s", what)
	}
	return fmt.Sprintf("%d %ss", n, what)
}
