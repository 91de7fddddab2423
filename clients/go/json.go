package aerie

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Arrays and objects inside each other that brokers take.
const jsonDepthMax = 128

// checkJSON tells whether a broker takes a text as JSON. It is stricter than
// encoding/json, and a host that sends what it refuses loses its stream: lone
// surrogate escapes, numbers that overflow a double, and deep nesting.
func checkJSON(text string) error {
	if !utf8.ValidString(text) || !json.Valid([]byte(text)) {
		return errors.New("aerie: the payload is not JSON")
	}
	depth := 0
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '"':
			end, err := checkString(text, i+1)
			if err != nil {
				return err
			}
			i = end
			continue
		case c == '[' || c == '{':
			if depth++; depth > jsonDepthMax {
				return fmt.Errorf("aerie: the payload nests deeper than %d",
					jsonDepthMax)
			}
		case c == ']' || c == '}':
			depth--
		case c == '-' || c >= '0' && c <= '9':
			end := i + 1
			for end < len(text) &&
				strings.IndexByte("+-.eE0123456789", text[end]) >= 0 {
				end++
			}
			if err := checkNumber(text[i:end]); err != nil {
				return err
			}
			i = end
			continue
		}
		i++
	}
	return nil
}

// checkString looks at a string of valid JSON from behind its first quote, and
// returns where it ends.
func checkString(text string, i int) (int, error) {
	high := false // A high surrogate came right before.
	for {
		c := text[i]
		unit := -1
		if c == '\\' && text[i+1] == 'u' {
			value, err := strconv.ParseUint(text[i+2:i+6], 16, 16)
			if err != nil {
				return 0, err
			}
			unit = int(value)
		}
		isLow := unit >= 0xdc00 && unit <= 0xdfff
		if high != isLow {
			return 0, errors.New("aerie: half a surrogate pair in the payload")
		}
		high = unit >= 0xd800 && unit <= 0xdbff
		switch {
		case unit >= 0:
			i += 6
		case c == '\\':
			i += 2
		case c == '"':
			return i + 1, nil
		default:
			i++
		}
	}
}

// checkNumber refuses what no double holds; integers may have any size.
func checkNumber(text string) error {
	if !strings.ContainsAny(text, ".eE") {
		return nil
	}
	if _, err := strconv.ParseFloat(text, 64); err != nil {
		return fmt.Errorf("aerie: a number of the payload: %w", err)
	}
	return nil
}
