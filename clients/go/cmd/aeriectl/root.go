package main

import (
	"context"
	"crypto/tls"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	aerie "aerie.dev/clients/go"
	"aerie.dev/clients/go/gen/aeriepb"
)

const environmentHelp = `Environment, where a flag does not say otherwise:
  AERIE_BROKER      addresses of brokers, separated by commas
  AERIE_TOKEN       bearer token
  AERIE_TOKEN_FILE  file with the bearer token
  AERIE_CA_FILE, AERIE_CERT_FILE, AERIE_KEY_FILE
                    TLS, when the first is set`

// app is what all commands share: the flags, and where they write.
type app struct {
	*world
	brokers    []string
	tokenFile  string
	tls        bool
	caFile     string
	certFile   string
	keyFile    string
	serverName string
	timeout    time.Duration
	format     string
}

func newRoot(w *world) *cobra.Command {
	a := &app{world: w}
	root := &cobra.Command{
		Use:   "aeriectl",
		Short: "Act on the topics and sockets of an Aerie broker",
		Long: "Acts on the topics and sockets of an Aerie broker.\n\n" +
			environmentHelp + "\n\n" + exitHelp,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
		// Without it, a word that is no command would be an argument.
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if a.format != "table" && a.format != "json" {
				return fail(exitUsage, "-o is table or json, not %q", a.format)
			}
			return nil
		},
	}
	root.SetIn(w.in)
	root.SetOut(w.out)
	root.SetErr(w.errors)
	flags := root.PersistentFlags()
	flags.StringSliceVar(&a.brokers, "broker", nil,
		"addresses of brokers, tried in turn (default "+aerie.DefaultBroker+")")
	flags.StringVar(&a.tokenFile, "token-file", "",
		"file with the bearer token")
	flags.BoolVar(&a.tls, "tls", false,
		"TLS with the system's authorities, or --ca-file")
	flags.StringVar(&a.caFile, "ca-file", "",
		"PEM file of authorities; implies --tls")
	flags.StringVar(&a.certFile, "cert-file", "", "PEM file of our certificate")
	flags.StringVar(&a.keyFile, "key-file", "", "PEM file of its key")
	flags.StringVar(&a.serverName, "server-name", "",
		"name in the broker's certificate, if not its address's")
	flags.DurationVar(&a.timeout, "timeout", 5*time.Second,
		"how long a call may take, repetitions included")
	flags.StringVarP(&a.format, "output", "o", "table",
		"table, or json: one object a line")
	_ = root.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(
		[]string{"table", "json"}, cobra.ShellCompDirectiveNoFileComp))
	root.AddCommand(a.broadcastCommand(), a.pushCommand(), a.topicsCommand(),
		a.socketsCommand(), a.watchCommand(), a.disconnectCommand(),
		a.closeCommand(), a.renewCommand(), a.infoCommand(), a.tokenCommand())
	return root
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// or is a flag's value, or else the environment's.
func (a *app) or(flag, variable string) string {
	if flag != "" {
		return flag
	}
	return a.getenv(variable)
}

func (a *app) connection() (aerie.Connection, error) {
	connection := aerie.Connection{Brokers: a.brokers}
	if brokers := a.getenv("AERIE_BROKER"); len(a.brokers) == 0 &&
		brokers != "" {
		connection.Brokers = strings.Split(brokers, ",")
	}
	// A flag precedes all variables.
	token := a.getenv("AERIE_TOKEN")
	switch file := a.or(a.tokenFile, "AERIE_TOKEN_FILE"); {
	case a.tokenFile == "" && token != "":
		connection.Token = aerie.StaticToken(token)
	case file != "":
		connection.Token = aerie.TokenFile(file)
	}
	ca := a.or(a.caFile, "AERIE_CA_FILE")
	if ca == "" && !a.tls {
		if a.certFile != "" || a.keyFile != "" || a.serverName != "" {
			return connection, fail(exitUsage,
				"a certificate or server name needs --tls or --ca-file")
		}
		return connection, nil
	}
	var config *tls.Config
	config, err := aerie.TLSFiles(ca, a.or(a.certFile, "AERIE_CERT_FILE"),
		a.or(a.keyFile, "AERIE_KEY_FILE"))
	if err != nil {
		return connection, fail(exitUsage, "%w", err)
	}
	config.ServerName = a.serverName
	connection.TLS = config
	return connection, nil
}

// control makes a client, gives it to f, and ends it.
func (a *app) control(f func(*aerie.Control) error) error {
	connection, err := a.connection()
	if err != nil {
		return err
	}
	control, err := aerie.NewControl(connection)
	if err != nil {
		return fail(exitUsage, "%w", err)
	}
	defer control.Close()
	return f(control)
}

// call is control for commands that make one call, or a few.
func (a *app) call(ctx context.Context,
	f func(context.Context, *aerie.Control) error) error {
	return done(a.control(func(control *aerie.Control) error {
		ctx, cancel := context.WithTimeout(ctx, a.timeout)
		defer cancel()
		return f(ctx, control)
	}))
}

// completeTopics offers the broker's topics as a command's first argument.
func (a *app) completeTopics(cmd *cobra.Command, args []string,
	typed string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if len(args) == 0 {
		_ = a.call(cmd.Context(), func(ctx context.Context,
			control *aerie.Control) error {
			page, err := control.ListTopics(ctx,
				&aeriepb.ListTopicsRequest{Prefix: typed})
			for _, topic := range page.GetTopics() {
				names = append(names, topic.GetTopic())
			}
			return err
		})
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
