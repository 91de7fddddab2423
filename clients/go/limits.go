package aerie

import "time"

// The version of the contract that this package speaks.
const (
	protocolMajor = 1
	protocolMinor = 0
)

// Bounds of the contract.
const (
	patternBytesMax        = 1024
	nameBytesMax           = 128
	assignsBytesMax        = 64 << 10
	connectAssignsBytesMax = 3 << 10
	socketIDBytesMax       = 512
	patternsMax            = 256
	interceptsMax          = 256
	receivedBytesMax       = 17 << 20
	batchBytesMax          = 1 << 20
	payloadBytesMaxDefault = 10_000_000
)

// Bounds of this package.
const (
	// Frames that wait for the stream. A broker that is so far behind does not
	// read.
	outboxBytesMax = 64 << 20
	// What Channel.SendSelf has queued in one channel.
	selfSendsMax = 1024
	// Ends that are remembered, and how long, so that a repeat is only
	// answered.
	endsMax  = 65536
	endsKept = 10 * time.Minute
	// Broadcasts of a Publisher before the broker has told its credit.
	creditAtFirst = 4096
	// Entries of a page, where all pages are wanted.
	pageSize = 1000
)

// Times.
const (
	backoffMin       = 100 * time.Millisecond
	backoffMax       = 10 * time.Second
	stableAfter      = 10 * time.Second
	attachTimeout    = 10 * time.Second
	joinTimeout      = 9 * time.Second
	connectTimeout   = 5 * time.Second
	drainWindow      = 10 * time.Second
	drainGrace       = 10 * time.Second
	closeGrace       = 2 * time.Second
	callTimeout      = 5 * time.Second
	keepaliveTime    = 30 * time.Second
	keepaliveTimeout = 10 * time.Second
)

// Attempts of a call that may be repeated.
const attemptsMax = 3
