package main

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	aerie "aerie.dev/clients/go"
	"aerie.dev/clients/go/gen/aeriepb"
)

// errEnough ends a walk over pages.
var errEnough = errors.New("enough")

// walk calls f for each entry, up to a limit; 0 means no limit.
func walk[T any](limit int, each func(func(T) error) error,
	f func(T) error) error {
	n := 0
	err := each(func(entry T) error {
		if limit > 0 && n == limit {
			return errEnough
		}
		n++
		return f(entry)
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func (a *app) topicsCommand() *cobra.Command {
	var prefix string
	var limit int
	cmd := &cobra.Command{
		Use:   "topics [TOPIC]",
		Short: "List the topics that have channels, or show one",
		Long: "Lists the topics that have channels, or shows one with its " +
			"channels. Scope read.",
		Example: "  aeriectl topics --prefix room:\n" +
			"  aeriectl topics room:lobby",
		Args: cobra.MaximumNArgs(1),

		ValidArgsFunction: a.completeTopics,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && (prefix != "" || limit != 0) {
				return fail(exitUsage, "--prefix and --limit are for lists")
			}
			if limit < 0 {
				return fail(exitUsage, "--limit is negative")
			}
			return a.call(cmd.Context(), func(ctx context.Context,
				control *aerie.Control) error {
				if len(args) == 1 {
					return a.showTopic(ctx, control, args[0])
				}
				return a.listTopics(ctx, control, prefix, limit)
			})
		},
	}
	cmd.Flags().StringVar(&prefix, "prefix", "",
		"only topics that begin with it")
	cmd.Flags().IntVar(&limit, "limit", 0, "at most so many (default all)")
	return cmd
}

func (a *app) listTopics(ctx context.Context, control *aerie.Control,
	prefix string, limit int) error {
	t := a.newTable("TOPIC", "CHANNELS")
	err := walk(limit, func(f func(*aeriepb.TopicInfo) error) error {
		return control.EachTopic(ctx, prefix, f)
	}, func(topic *aeriepb.TopicInfo) error {
		if a.format == "json" {
			return a.printJSON(topic)
		}
		t.row(topic.GetTopic(), topic.GetChannels())
		return nil
	})
	if err != nil || a.format == "json" {
		return err
	}
	return t.print()
}

func (a *app) showTopic(ctx context.Context, control *aerie.Control,
	topic string) error {
	response, err := control.GetTopic(ctx, topic)
	if err != nil {
		return err
	}
	if a.format == "json" {
		return a.printJSON(response)
	}
	t := a.newTable()
	t.row("topic", response.GetTopic())
	t.row("channels", response.GetChannels())
	for _, edge := range response.GetEdges() {
		t.row("edge "+edge.GetName(), edge.GetChannels())
	}
	for _, host := range response.GetHosts() {
		t.row("host "+host.GetName(), host.GetChannels())
	}
	if err := t.print(); err != nil || len(response.GetSample()) == 0 {
		return err
	}
	if _, err := a.out.Write([]byte{'\n'}); err != nil {
		return err
	}
	t = a.newTable("CHANNEL", "SOCKET ID", "SOCKET KEY", "EDGE", "HOST")
	for _, c := range response.GetSample() {
		t.row(c.GetChannel(), c.GetSocketId(), c.GetSocketKey(), c.GetEdge(),
			c.GetHost())
	}
	return t.print()
}

func (a *app) socketsCommand() *cobra.Command {
	var socketID, edge string
	var limit int
	cmd := &cobra.Command{
		Use:     "sockets [KEY]",
		Short:   "List the sockets of the broker, or show one",
		Long:    "Lists the sockets of the broker, or shows one. Scope read.",
		Example: "  aeriectl sockets --id users:42\n  aeriectl sockets e-1/7",
		Args:    cobra.MaximumNArgs(1),

		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && (socketID != "" || edge != "" || limit != 0) {
				return fail(exitUsage, "--id, --edge and --limit are for lists")
			}
			if limit < 0 {
				return fail(exitUsage, "--limit is negative")
			}
			return a.call(cmd.Context(), func(ctx context.Context,
				control *aerie.Control) error {
				if len(args) == 1 {
					return a.showSocket(ctx, control, args[0])
				}
				return a.listSockets(ctx, control, socketID, edge, limit)
			})
		},
	}
	cmd.Flags().StringVar(&socketID, "id", "", "only those of a socket id")
	cmd.Flags().StringVar(&edge, "edge", "", "only those of an edge")
	cmd.Flags().IntVar(&limit, "limit", 0, "at most so many (default all)")
	return cmd
}

func (a *app) listSockets(ctx context.Context, control *aerie.Control,
	socketID, edge string, limit int) error {
	t := a.newTable("KEY", "ID", "EDGE", "TRANSPORT", "DIALECT", "PEER",
		"SINCE", "TOPICS")
	err := walk(limit, func(f func(*aeriepb.SocketDetails) error) error {
		return control.EachSocket(ctx, socketID, edge, f)
	}, func(d *aeriepb.SocketDetails) error {
		if a.format == "json" {
			return a.printJSON(d)
		}
		t.row(d.GetSocket().GetKey(), d.GetSocket().GetSocketId(), d.GetEdge(),
			transportText(d), dialectText(d), d.GetPeer(), sinceText(d),
			d.GetTopicsCount())
		return nil
	})
	if err != nil || a.format == "json" {
		return err
	}
	return t.print()
}

func (a *app) showSocket(ctx context.Context, control *aerie.Control,
	key string) error {
	d, err := control.GetSocket(ctx, key)
	if err != nil {
		return err
	}
	if a.format == "json" {
		return a.printJSON(d)
	}
	t := a.newTable()
	t.row("key", d.GetSocket().GetKey())
	t.row("id", d.GetSocket().GetSocketId())
	t.row("assigns", d.GetSocket().GetAssigns())
	t.row("edge", d.GetEdge())
	t.row("transport", transportText(d))
	t.row("dialect", dialectText(d))
	t.row("peer", d.GetPeer())
	t.row("since", sinceText(d))
	t.row("queued at edge", d.GetEdgeQueuedBytes())
	t.row("topics", d.GetTopicsCount())
	for _, topic := range d.GetTopics() {
		t.row("topic", topic)
	}
	return t.print()
}

func transportText(d *aeriepb.SocketDetails) string {
	return enumText(d.GetTransport().String(), "TRANSPORT_")
}

func dialectText(d *aeriepb.SocketDetails) string {
	return enumText(d.GetDialect().String(), "DIALECT_")
}

func sinceText(d *aeriepb.SocketDetails) string {
	if d.GetSince() == nil {
		return ""
	}
	return timeText(d.GetSince().AsTime())
}

// enumText is the contract's name of a value, as people read it.
func enumText(name, prefix string) string {
	name = strings.ToLower(strings.TrimPrefix(name, prefix))
	if name == "unspecified" {
		return ""
	}
	return name
}
