package conformance

import (
	"fmt"
	"regexp"
)

// refusal finds in what nft and nfvm say the words for the errno with which the
// kernel refused a command; with some, nft only says what it guesses was meant.
var refusal = regexp.MustCompile(`Error: (?:Could not process rule: ([^:;\n]+)|(No such file or directory); did you mean)`)

// Loaded notes what came of a step that loads commands, which were refused if
// err is not nil: as the step wants it, or as an error.
func (o *Outcome) Loaded(number int, s Step, err error) error {
	if !s.Refused {
		return err
	}
	if err == nil {
		return fmt.Errorf("step %d: %s was not refused", number, s.Load)
	}
	o.Packets = append(o.Packets, fmt.Sprintf("%d refused%s", number, errno(err.Error())))
	return nil
}

// errno gives the words for the first error of the kernel's behind a colon,
// nothing where nft itself refused: its words differ from version to version.
func errno(text string) string {
	m := refusal.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return ": " + m[1] + m[2]
}
