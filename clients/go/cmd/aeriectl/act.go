package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	aerie "aerie.dev/clients/go"
	"aerie.dev/clients/go/gen/aeriepb"
)

func (a *app) broadcastCommand() *cobra.Command {
	var except []string
	var key string
	var binary bool
	cmd := &cobra.Command{
		Use:   "broadcast TOPIC EVENT [PAYLOAD]",
		Short: "Send an event to every channel of a topic",
		Long: "Sends an event to every channel of a topic. Scope publish.\n\n" +
			payloadHelp,
		Example: `  aeriectl broadcast room:lobby news '{"text":"hello"}'`,
		Args:    cobra.RangeArgs(2, 3),

		ValidArgsFunction: a.completeTopics,
		RunE: func(cmd *cobra.Command, args []string) error {
			payload, err := a.payload(args[2:], binary)
			if err != nil {
				return err
			}
			return a.call(cmd.Context(), func(ctx context.Context,
				control *aerie.Control) error {
				sent, err := control.Broadcast(ctx, aerie.Broadcast{
					Topic: args[0], Event: args[1], Payload: payload,
					ExceptSocketIDs: except, IdempotencyKey: key,
				})
				if err != nil {
					return err
				}
				response := &aeriepb.BroadcastResponse{
					Duplicate: sent.Duplicate, Edges: sent.Edges,
				}
				if sent.Duplicate {
					return a.say(response, "sent before: nothing was sent")
				}
				return a.say(response, "sent to %s", count(sent.Edges, "edge"))
			})
		},
	}
	cmd.Flags().StringSliceVar(&except, "except", nil,
		"socket ids that don't get it")
	cmd.Flags().StringVar(&key, "key", "",
		"idempotency key: what was sent with it lately is not sent again")
	cmd.Flags().BoolVar(&binary, "binary", false, "PAYLOAD is bytes, not JSON")
	return cmd
}

// selector is the flags that name channels.
type selector struct {
	channel  uint64
	socketID string
	topic    string
}

func (s *selector) flags(cmd *cobra.Command) {
	cmd.Flags().Uint64Var(&s.channel, "channel", 0,
		"one channel, by its number")
	cmd.Flags().StringVar(&s.socketID, "socket-id", "",
		"the channels of a socket id on --topic")
	cmd.Flags().StringVar(&s.topic, "topic", "", "topic")
}

// pick is what they name; whole: a topic alone will do.
func (s *selector) pick(whole bool) (aerie.Selector, error) {
	switch {
	case s.channel != 0 && s.socketID == "" && s.topic == "":
		return aerie.OneChannel(s.channel), nil
	case s.channel == 0 && s.socketID != "" && s.topic != "":
		return aerie.ChannelsOf(s.socketID, s.topic), nil
	case s.channel == 0 && s.socketID == "" && s.topic != "" && whole:
		return aerie.AllChannels(s.topic), nil
	case whole:
		return aerie.Selector{}, fail(exitUsage, "name channels by --channel, "+
			"by --topic, or by --socket-id and --topic")
	}
	return aerie.Selector{}, fail(exitUsage,
		"name channels by --channel, or by --socket-id and --topic")
}

func (a *app) pushCommand() *cobra.Command {
	var to selector
	var binary bool
	cmd := &cobra.Command{
		Use: "push {--channel N | --socket-id ID --topic TOPIC} EVENT " +
			"[PAYLOAD]",
		Short: "Send an event to single clients",
		Long: "Sends an event to the client of one channel, or to each of a " +
			"socket id on a\ntopic. Scope publish.\n\n" + payloadHelp,
		Example: "  aeriectl push --socket-id users:42 --topic room:lobby " +
			`hint '{"a":1}'`,
		Args: cobra.RangeArgs(1, 2),

		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			channels, err := to.pick(false)
			if err != nil {
				return err
			}
			payload, err := a.payload(args[1:], binary)
			if err != nil {
				return err
			}
			return a.call(cmd.Context(), func(ctx context.Context,
				control *aerie.Control) error {
				n, err := control.Push(ctx, channels, args[0], payload)
				return a.reached(n, err, "channel", "sent to %s",
					&aeriepb.PushResponse{Channels: n})
			})
		},
	}
	to.flags(cmd)
	cmd.Flags().BoolVar(&binary, "binary", false, "PAYLOAD is bytes, not JSON")
	return cmd
}

// reached prints how many there were; none is an error.
func (a *app) reached(n uint32, err error, what, format string,
	response proto.Message) error {
	if err != nil {
		return err
	}
	if err := a.say(response, format, count(n, what)); err != nil {
		return err
	}
	if n == 0 {
		return fail(exitNotFound, "there is no such %s", what)
	}
	return nil
}

func (a *app) disconnectCommand() *cobra.Command {
	var code uint32
	cmd := &cobra.Command{
		Use:     "disconnect SOCKET_ID",
		Short:   "End every connection of a socket id",
		Long:    "Ends every connection of a socket id. Scope admin.",
		Example: `  aeriectl disconnect users:42`,
		Args:    cobra.ExactArgs(1),

		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.call(cmd.Context(), func(ctx context.Context,
				control *aerie.Control) error {
				n, err := control.Disconnect(ctx, args[0], code)
				return a.reached(n, err, "socket", "disconnected %s",
					&aeriepb.DisconnectResponse{Sockets: n})
			})
		},
	}
	cmd.Flags().Uint32Var(&code, "code", 0,
		"WebSocket close code (default 1001, after which clients come back)")
	return cmd
}

func (a *app) renewCommand() *cobra.Command {
	var mount string
	cmd := &cobra.Command{
		Use:   "renew SOCKET_KEY TOKEN",
		Short: "Give a socket a newer token",
		Long: "Gives a socket a newer token, as its client would show it. " +
			"TOKEN is the token, @FILE or - for standard input. Scope admin.",
		Example: `  aeriectl renew edge-1/7 @token.jwt`,
		Args:    cobra.ExactArgs(2),

		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			token, err := a.read(args[1])
			if err != nil {
				return err
			}
			return a.call(cmd.Context(), func(ctx context.Context,
				control *aerie.Control) error {
				expires, err := control.RenewToken(ctx, args[0],
					strings.TrimSpace(string(token)), mount)
				if err != nil {
					return err
				}
				if expires.IsZero() {
					return a.say(&aeriepb.RenewTokenResponse{}, "good for ever")
				}
				return a.say(&aeriepb.RenewTokenResponse{
					Expires: timestamppb.New(expires),
				}, "good until %s", expires.UTC().Format(time.RFC3339))
			})
		},
	}
	cmd.Flags().StringVar(&mount, "mount", "",
		"path of the mount by whose rule the token is judged (default /socket)")
	return cmd
}

func (a *app) closeCommand() *cobra.Command {
	var channels selector
	var shutdown bool
	cmd := &cobra.Command{
		Use:   "close {--channel N | --topic TOPIC [--socket-id ID]}",
		Short: "End channels; their clients stay connected",
		Long: "Ends channels; their clients stay connected. By default they " +
			"join again\n(phx_error); with --shutdown they stay away " +
			"(phx_close). Scope admin.",
		Example: `  aeriectl close --topic room:lobby --shutdown`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			picked, err := channels.pick(true)
			if err != nil {
				return err
			}
			reason := aerie.CloseRestart
			if shutdown {
				reason = aerie.CloseShutdown
			}
			return a.call(cmd.Context(), func(ctx context.Context,
				control *aerie.Control) error {
				n, err := control.CloseChannel(ctx, picked, reason)
				return a.reached(n, err, "channel", "closed %s",
					&aeriepb.CloseChannelResponse{Channels: n})
			})
		},
	}
	channels.flags(cmd)
	cmd.Flags().BoolVar(&shutdown, "shutdown", false,
		"the clients shall not join again")
	return cmd
}
