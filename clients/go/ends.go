package aerie

import (
	"strconv"
	"sync"
	"time"
)

// ends remembers the channels whose Terminate has run here, so that one that is
// delivered again is answered only.
type ends struct {
	mu    sync.Mutex
	known map[string]struct{}
	order []endedAt // Oldest first.
	now   func() time.Time
}

type endedAt struct {
	key string
	at  time.Time
}

func newEnds() *ends {
	return &ends{known: map[string]struct{}{}, now: time.Now}
}

func endChannel(broker string, id uint64) string {
	return "channel/" + broker + "/" + strconv.FormatUint(id, 16)
}

func endEvent(eventID string) string { return "event/" + eventID }

func (e *ends) add(key string) {
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
	e.known[key] = struct{}{}
	e.order = append(e.order, endedAt{key, now})
}

func (e *ends) has(key string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, ok := e.known[key]
	return ok
}
