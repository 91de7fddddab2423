// A chat room: who may join, the last 50 messages, and who is typing.
//
// Settings come from the environment: AERIE_BROKER (addresses, separated by
// commas), AERIE_TOKEN_FILE, AERIE_CA_FILE, AERIE_CERT_FILE, AERIE_KEY_FILE,
// AERIE_DRAIN_MS. With AERIE_CONFORMANCE=1 it knows the events of the tests as
// well, and AERIE_TERMINATE_LOG is a file that gets a line for each end.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"time"

	aerie "aerie.dev/clients/go"
)

func main() {
	if err := run(os.Getenv); err != nil {
		log.Fatal(err)
	}
}

func run(getenv func(string) string) error {
	options, err := optionsOf(getenv)
	if err != nil {
		return err
	}
	host, err := aerie.NewHost("chat", options)
	if err != nil {
		return err
	}
	newChat(getenv).handle(host)
	return host.Run(context.Background())
}

func optionsOf(getenv func(string) string) (aerie.HostOptions, error) {
	var options aerie.HostOptions
	if brokers := getenv("AERIE_BROKER"); brokers != "" {
		options.Brokers = strings.Split(brokers, ",")
	}
	if file := getenv("AERIE_TOKEN_FILE"); file != "" {
		options.Token = aerie.TokenFile(file)
	}
	if ca := getenv("AERIE_CA_FILE"); ca != "" {
		config, err := aerie.TLSFiles(ca, getenv("AERIE_CERT_FILE"),
			getenv("AERIE_KEY_FILE"))
		if err != nil {
			return options, err
		}
		options.TLS = config
	}
	if text := getenv("AERIE_DRAIN_MS"); text != "" {
		ms, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return options, fmt.Errorf("AERIE_DRAIN_MS: %w", err)
		}
		options.DrainWindow = time.Duration(ms) * time.Millisecond
	}
	return options, nil
}
