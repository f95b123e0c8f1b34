package gen

// A Steps draws the steps of a scenario one after another. It is given the lines
// that the last step brought out, and says false at the end.
type Steps interface {
	Next(seen []string) (step string, ok bool)
}

// Draw draws a scenario and the source of its steps: one in four is about frames
// on a bridge, with frames all are.
func Draw(seed uint64, steps int, frames bool) (*Scenario, Steps) {
	if frames || seed%4 == 3 {
		s := NewSwitch(seed)
		return s, NewFrames(seed, steps, s)
	}
	return New(seed), NewTraffic(seed, steps)
}
