// Package aerie hosts Phoenix channels in Go, and acts on topics and sockets
// from any service.
//
// A Host attaches to an Aerie broker and runs the channels of the topics that
// it names. One value of yours is one channel: the factory that Host.Handle is
// given makes it when a client joins, and its methods are the callbacks that
// Phoenix.Channel has. Only Join is needed; the others are the interfaces
// InHandler, OutHandler, InfoHandler and Terminator.
//
// A Control sends broadcasts and pushes, disconnects sockets, and lists and
// watches what a broker has.
//
// # Order and concurrency
//
// The callbacks of one channel run one after the other, in the order in which
// the broker sent them; those of different channels run at the same time. A
// channel costs no goroutine while it has nothing to do. What a channel sends
// leaves in the order of the calls. All methods of Channel, Ref and Host may be
// called from any goroutine.
//
// # Failures
//
// A callback that panics, or returns an error, ends its channel as a crash: the
// client hears phx_error and joins again. Nothing else is touched. When the
// stream to the broker breaks, all channels end; the host attaches again, to
// the next broker of its list, and the clients join again.
package aerie
