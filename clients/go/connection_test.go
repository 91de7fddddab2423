package aerie_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	aerie "aerie.dev/clients/go"
	fake "aerie.dev/clients/go/internal/fakebroker"
	"aerie.dev/clients/go/internal/fakecontrol"
)

// certificate makes a certificate that vouches for itself, as PEM files.
func certificate(t *testing.T, name string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	expect(t, err, nil)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		DNSNames:  []string{name},
		NotBefore: time.Now().Add(-time.Hour),
		NotAfter:  time.Now().Add(time.Hour),
		IsCA:      true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template,
		key.Public(), crypto.Signer(key))
	expect(t, err, nil)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	expect(t, err, nil)
	return writePEM(t, "CERTIFICATE", der), writePEM(t, "PRIVATE KEY", private)
}

func writePEM(t *testing.T, kind string, der []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pem")
	expect(t, os.WriteFile(file, pem.EncodeToMemory(
		&pem.Block{Type: kind, Bytes: der}), 0o600), nil)
	return file
}

func TestBothSidesShowTheirCertificates(t *testing.T) {
	brokerCert, brokerKey := certificate(t, "broker")
	hostCert, hostKey := certificate(t, "host")
	serving, err := aerie.TLSFiles(hostCert, brokerCert, brokerKey)
	expect(t, err, nil)
	serving.ClientCAs = serving.RootCAs
	serving.ClientAuth = tls.RequireAndVerifyClientCert
	net := fake.NewNet()
	net.ServerOptions = []grpc.ServerOption{
		grpc.Creds(credentials.NewTLS(serving)),
	}
	net.Start(t, "broker", &fakecontrol.Server{})
	ask := func(config *tls.Config) error {
		control, err := aerie.NewControl(aerie.Connection{
			Brokers: []string{fake.Address("broker")}, TLS: config,
			DialOptions: []grpc.DialOption{net.DialOption()},
		})
		expect(t, err, nil)
		defer control.Close()
		_, err = control.Broadcast(context.Background(),
			aerie.Broadcast{Topic: "a", Event: "x"})
		return err
	}
	good, err := aerie.TLSFiles(brokerCert, hostCert, hostKey)
	expect(t, err, nil)
	expect(t, ask(good), nil)
	anonymous, err := aerie.TLSFiles(brokerCert, "", "")
	expect(t, err, nil)
	misled, err := aerie.TLSFiles(hostCert, hostCert, hostKey)
	expect(t, err, nil)
	for _, config := range []*tls.Config{nil, anonymous, misled} {
		expect(t, status.Code(ask(config)), codes.Unavailable)
	}
}

func TestFilesThatAreWrongAreErrors(t *testing.T) {
	cert, key := certificate(t, "a")
	empty := writePEM(t, "OTHER", nil)
	for _, files := range [][3]string{
		{"/nowhere", "", ""}, {empty, "", ""}, {"", cert, ""}, {"", "", key},
		{cert, key, cert},
	} {
		if _, err := aerie.TLSFiles(files[0], files[1], files[2]); err == nil {
			t.Errorf("%v is no error", files)
		}
	}
	if _, err := aerie.NewControl(aerie.Connection{
		Brokers: []string{""},
	}); err == nil {
		t.Error("an empty address is no error")
	}
}
