package aerie

import (
	"strconv"
	"sync"
	"time"
)

// ends remembers the channels whose Terminate runs, or has run, here, so that
// one that is delivered again is answered only.
type ends struct {
	mu    sync.Mutex
	known map[string]<-chan struct{}
	order []endedAt // Oldest first.
	now   func() time.Time
}

type endedAt struct {
	key string
	at  time.Time
}

func newEnds() *ends {
	return &ends{known: map[string]<-chan struct{}{}, now: time.Now}
}

func endChannel(broker string, id uint64) string {
	return "channel/" + broker + "/" + strconv.FormatUint(id, 16)
}

func endEvent(eventID string) string { return "event/" + eventID }

// add remembers an end; done is closed when Terminate has run.
func (e *ends) add(key string, done <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, ok := e.known[key]; ok {
		return
	}
	now := e.now()
	for len(e.order) > 0 && (len(e.order) >= endsMax ||
		now.Sub(e.order[0].at) > endsKept) {
		delete(e.known, e.order[0].key)
		e.order = e.order[1:]
	}
	e.known[key] = done
	e.order = append(e.order, endedAt{key, now})
}

// find is what is closed when Terminate has run; nil: the end is unknown.
func (e *ends) find(keys ...string) <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, key := range keys {
		if done, ok := e.known[key]; ok {
			return done
		}
	}
	return nil
}
