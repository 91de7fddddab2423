package main

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// printClaims writes a claim a line; times are for people, too.
func (a *app) printClaims(claims jwt.MapClaims) error {
	names := make([]string, 0, len(claims))
	for name := range claims {
		names = append(names, name)
	}
	sort.Strings(names)
	t := a.newTable("CLAIM", "VALUE")
	for _, name := range names {
		text, err := claimText(claims[name])
		if err != nil {
			return err
		}
		if at := claimTime(name, claims); !at.IsZero() {
			text = fmt.Sprintf("%s (%s)", text, timeText(at))
		}
		t.row(name, text)
	}
	return t.print()
}

// claimTime is the time that a claim is; zero when it is none.
func claimTime(name string, claims jwt.MapClaims) time.Time {
	var date *jwt.NumericDate
	var err error
	switch name {
	case "exp":
		date, err = claims.GetExpirationTime()
	case "iat":
		date, err = claims.GetIssuedAt()
	case "nbf":
		date, err = claims.GetNotBefore()
	}
	if date == nil || err != nil {
		return time.Time{}
	}
	return date.Time
}

// claimText is a text as it is, and anything else as JSON.
func claimText(value any) (string, error) {
	if text, ok := value.(string); ok {
		return text, nil
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return strings.TrimSuffix(text.String(), "\n"), err
}
