package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/durationpb"

	aerie "aerie.dev/clients/go"
	"aerie.dev/clients/go/gen/aeriepb"
)

func (a *app) infoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "info",
		Short: "Show the broker, its edges and its hosts",
		Long:  "Shows the broker, its edges and its hosts. Scope read.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.call(cmd.Context(), func(ctx context.Context,
				control *aerie.Control) error {
				info, err := control.ClusterInfo(ctx)
				if err != nil {
					return err
				}
				if a.format == "json" {
					return a.printJSON(info)
				}
				return a.printInfo(info)
			})
		},
	}
}

func (a *app) printInfo(info *aeriepb.ClusterInfoResponse) error {
	brokers := a.newTable("BROKER", "VERSION", "UPTIME", "SOCKETS", "CHANNELS",
		"TOPICS")
	for _, b := range info.GetBrokers() {
		brokers.row(b.GetName(), b.GetVersion(), durationText(b.GetUptime()),
			b.GetSockets(), b.GetChannels(), b.GetTopics())
	}
	edges := a.newTable("EDGE", "VERSION", "LINKED FOR", "SOCKETS", "QUEUED")
	for _, e := range info.GetEdges() {
		edges.row(e.GetName(), e.GetVersion(), durationText(e.GetLinkedFor()),
			e.GetSockets(), e.GetQueuedBytes())
	}
	hosts := a.newTable("HOST", "INSTANCE", "VERSION", "ATTACHED FOR",
		"PATTERNS", "CHANNELS", "IN FLIGHT", "STATE")
	for _, h := range info.GetHosts() {
		state := "serving"
		if h.GetDraining() {
			state = "draining"
		}
		hosts.row(h.GetName(), h.GetInstance(), h.GetVersion(),
			durationText(h.GetAttachedFor()),
			strings.Join(h.GetPatterns(), " "), h.GetChannels(),
			h.GetInFlight(), state)
	}
	for i, t := range []*table{brokers, edges, hosts} {
		if i > 0 {
			if _, err := a.out.Write([]byte{'\n'}); err != nil {
				return err
			}
		}
		if err := t.print(); err != nil {
			return err
		}
	}
	return nil
}

func durationText(d *durationpb.Duration) string {
	if d == nil {
		return ""
	}
	return d.AsDuration().Round(time.Second).String()
}
