package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	aerie "aerie.dev/clients/go"
	"aerie.dev/clients/go/gen/aeriepb"
)

func (a *app) watchCommand() *cobra.Command {
	request := &aeriepb.WatchRequest{}
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Print what happens, as it happens",
		Long: "Prints what happens, a line each, until it is interrupted. " +
			"Without flags that\nname a kind: channels, sockets and topics. " +
			"Scope read.",
		Example: "  aeriectl watch\n" +
			"  aeriectl watch --broadcasts 'room:*' -o json",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !request.Channels && !request.Sockets && !request.Topics &&
				len(request.Broadcasts) == 0 {
				request.Channels = true
				request.Sockets = true
				request.Topics = true
			}
			return done(a.control(func(control *aerie.Control) error {
				watcher, err := control.Watch(cmd.Context(), request)
				if err != nil {
					return err
				}
				defer watcher.Close()
				for {
					event, err := watcher.Next()
					if status.Code(err) == codes.Canceled &&
						cmd.Context().Err() != nil {
						return nil // Interrupted.
					}
					if err != nil {
						return err
					}
					if err := a.printEvent(event); err != nil {
						return err
					}
				}
			}))
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&request.Channels, "channels", false,
		"channels joined and left")
	flags.BoolVar(&request.Sockets, "sockets", false,
		"sockets connected and disconnected")
	flags.BoolVar(&request.Topics, "topics", false,
		"topics occupied and vacated")
	flags.StringSliceVar(&request.Broadcasts, "broadcasts", nil,
		"broadcasts of these topics; a name may end in *")
	flags.StringVar(&request.Prefix, "prefix", "",
		"only topics that begin with it, for channels and topics")
	return cmd
}

// printEvent writes `TIME KIND TOPIC ...`.
func (a *app) printEvent(e *aeriepb.WatchResponse_Event) error {
	if a.format == "json" {
		return a.printJSON(e)
	}
	fields := []string{"-", enumText(e.GetKind().String(), "KIND_")}
	if e.GetTime() != nil {
		fields[0] = e.GetTime().AsTime().UTC().
			Format("2006-01-02T15:04:05.000Z")
	}
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, name+printable(value))
		}
	}
	add("", e.GetTopic())
	add("event=", e.GetEvent())
	if e.GetChannel() != 0 {
		add("channel=", fmt.Sprint(e.GetChannel()))
	}
	add("socket=", e.GetSocket().GetKey())
	add("id=", e.GetSocket().GetSocketId())
	add("reason=", enumText(e.GetReason().String(), "EXIT_REASON_"))
	switch e.GetKind() {
	case aeriepb.WatchResponse_Event_KIND_BROADCAST:
		add("", aerie.PayloadOf(e.GetPayload()).String())
	case aeriepb.WatchResponse_Event_KIND_LOST:
		add("events=", fmt.Sprint(e.GetLost()))
	}
	_, err := fmt.Fprintln(a.out, strings.Join(fields, " "))
	return err
}
