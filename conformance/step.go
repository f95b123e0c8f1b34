package conformance

import (
	"fmt"
	"strings"
	"time"

	"nfvm/conformance/notation"
)

// A Step is one line of the packets section.
type Step struct {
	Iface string // where Text arrives; "out" when the host itself sends it
	Text  string // the packet in notation; it may hold $P1
	Wait  time.Duration
	Load  string // section of the ruleset that the step loads
	Rules string // its text
	// Refused says that what the step loads must be refused, as a whole.
	Refused bool
}

// Outbound says that the host sends the packet.
func (s Step) Outbound() bool { return s.Iface == "out" }

// ParseSteps reads the packets section.
func ParseSteps(text string) ([]Step, error) {
	var steps []Step
	for _, l := range lines(text) {
		if strings.HasPrefix(l, "#") {
			continue
		}
		step, err := ParseStep(l)
		if err != nil {
			return nil, fmt.Errorf("packets: %q: %w", l, err)
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// ParseStep reads one line of the packets section.
func ParseStep(l string) (Step, error) {
	switch word, rest, _ := strings.Cut(l, " "); word {
	case "wait":
		d, err := time.ParseDuration(strings.TrimSpace(rest))
		return Step{Wait: d}, err
	case "load", "refuse":
		return Step{Load: strings.TrimSpace(rest), Refused: word == "refuse"}, nil
	}
	iface, text, ok := strings.Cut(l, ">")
	if !ok || iface == "" || strings.ContainsAny(iface, " \t") {
		return Step{}, fmt.Errorf("expected IFACE> packet, wait DURATION, load SECTION or refuse SECTION")
	}
	s := Step{Iface: iface, Text: strings.TrimSpace(text)}
	if strings.Contains(s.Text, "$") {
		return s, nil // known only while the case runs
	}
	_, err := notation.Parse(s.Text)
	return s, err
}

// String writes the step as its line.
func (s Step) String() string {
	if s.Refused {
		return "refuse " + s.Load
	}
	if s.Load != "" {
		return "load " + s.Load
	}
	if s.Iface == "" {
		return "wait " + s.Wait.String()
	}
	return s.Iface + "> " + s.Text
}

// IsARP reports whether a step's frame is an ARP packet on Ethernet.
func IsARP(frame []byte) bool {
	const header, packet = 14, 28
	return len(frame) >= header+packet && frame[12] == 0x08 && frame[13] == 0x06
}
