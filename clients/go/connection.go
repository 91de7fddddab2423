package aerie

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

// DefaultBroker is where a broker listens without configuration.
const DefaultBroker = "127.0.0.1:4010"

// TokenSource gives the bearer token of the next attempt.
type TokenSource func(ctx context.Context) (string, error)

// StaticToken gives the same token each time.
func StaticToken(token string) TokenSource {
	return func(context.Context) (string, error) { return token, nil }
}

// TokenFile reads the token anew each time, without the white space around it.
func TokenFile(path string) TokenSource {
	return func(context.Context) (string, error) {
		token, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		return strings.TrimSpace(string(token)), nil
	}
}

// TLSFiles is a TLS configuration from PEM files. Without caFile the system's
// authorities count; certFile and keyFile, when given, are shown to the broker.
func TLSFiles(caFile, certFile, keyFile string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile != "" {
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return nil, fmt.Errorf("aerie: CA file: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("aerie: CA file %s: no certificate in it",
				caFile)
		}
	}
	if certFile != "" || keyFile != "" {
		pair, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			return nil, fmt.Errorf("aerie: client certificate: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// Connection says how brokers are reached. The zero value is a broker on this
// machine, in plaintext.
type Connection struct {
	// Addresses (`host:port`). A name may stand for many brokers. Default:
	// DefaultBroker.
	Brokers []string
	// Bearer token; nil for none. It is sent over plaintext too.
	Token TokenSource
	// nil: plaintext.
	TLS *tls.Config
	// More options of gRPC, after those of this package.
	DialOptions []grpc.DialOption
}

func (c Connection) brokers() []string {
	if len(c.Brokers) == 0 {
		return []string{DefaultBroker}
	}
	return c.Brokers
}

// dial makes the gRPC channel of one address; it connects on first use.
func (c Connection) dial(address string) (*grpc.ClientConn, error) {
	if address == "" {
		return nil, errors.New("aerie: the address of a broker is empty")
	}
	transport := insecure.NewCredentials()
	if c.TLS != nil {
		transport = credentials.NewTLS(c.TLS)
	}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(receivedBytesMax)),
		grpc.WithDefaultServiceConfig(
			`{"loadBalancingConfig":[{"round_robin":{}}]}`),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{
			Time: keepaliveTime, Timeout: keepaliveTimeout,
			PermitWithoutStream: true,
		}),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{
				BaseDelay: backoffMin, Multiplier: 2, Jitter: 0.5,
				MaxDelay: backoffMax,
			},
			MinConnectTimeout: attachTimeout / 2,
		}),
	}
	if c.Token != nil {
		options = append(options, grpc.WithPerRPCCredentials(bearer(c.Token)))
	}
	conn, err := grpc.NewClient(address, append(options, c.DialOptions...)...)
	if err != nil {
		return nil, fmt.Errorf("aerie: broker %s: %w", address, err)
	}
	return conn, nil
}

// bearer puts a token into each call's metadata.
type bearer TokenSource

func (b bearer) GetRequestMetadata(ctx context.Context, _ ...string) (
	map[string]string, error) {
	token, err := b(ctx)
	if err != nil {
		return nil, fmt.Errorf("aerie: token: %w", err)
	}
	return map[string]string{"authorization": "Bearer " + token}, nil
}

func (bearer) RequireTransportSecurity() bool { return false }

// pause is how long to wait before attempt n, counted from 1: between half and
// all of a time that doubles with each attempt.
func pause(n int) time.Duration {
	whole := backoffMax
	if n < 8 {
		whole = backoffMin << (n - 1)
	}
	if whole > backoffMax {
		whole = backoffMax
	}
	return whole/2 + random(whole/2)
}

// random is a time from none to max. Not from math/rand: before Go 1.20 its
// numbers are the same in every process.
func random(max time.Duration) time.Duration {
	var bytes [8]byte
	if _, err := rand.Read(bytes[:]); err != nil {
		return max
	}
	return time.Duration(binary.LittleEndian.Uint64(bytes[:]) % uint64(max+1))
}

// sleep returns false when the context has ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
