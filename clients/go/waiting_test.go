package aerie_test

import (
	"context"

	aerie "aerie.dev/clients/go"
)

// waiting is a channel whose join takes forever.
type waiting struct{ *aerie.Channel }

func (*waiting) Join(ctx context.Context, _ aerie.Payload) (any, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
