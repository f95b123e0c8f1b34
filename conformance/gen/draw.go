package gen

// A Steps draws the steps of a scenario one after another. It is given the lines
// that the last step brought out, and says false at the end.
type Steps interface {
	Next(seen []string) (step string, ok bool)
}

// A Kind is what a scenario is about.
type Kind string

// Kinds of scenarios: any of them, packets through a router, frames on a bridge,
// conversations that helpers read, rules of iptables and ip6tables.
const (
	Any     Kind = ""
	Packets Kind = "packets"
	Bridges Kind = "frames"
	Helpers Kind = "helpers"
	Saved   Kind = "iptables"
)

// Draw draws a scenario and the source of its steps. Of any kind one in four is
// about frames, one in four about helpers, one in eight of iptables.
func Draw(seed uint64, steps int, kind Kind) (*Scenario, Steps) {
	if kind == Any {
		kind = []Kind{Packets, Packets, Helpers, Bridges, Packets, Saved, Helpers, Bridges}[seed%8]
	}
	switch kind {
	case Bridges:
		s := NewSwitch(seed)
		return s, NewFrames(seed, steps, s)
	case Saved:
		return NewSaved(seed), NewTraffic(seed, steps)
	case Helpers:
		s := NewHelpers(seed)
		return s, NewTalks(seed, steps, s)
	}
	return New(seed), NewTraffic(seed, steps)
}
