package synproxy

// Given remembers which cookie each client was given, for captures: there clients
// send back what the proxy said that was there when they were recorded, and nobody
// has its key.
type Given struct {
	cookies *Cookies
	of      map[givenTo]given
}

type givenTo struct {
	flow Flow
	seq  uint32 // with which the client's side began
}

type given struct {
	cookie uint32
	at     int64
}

// maxGiven bounds what a flood in a capture costs.
const maxGiven = 1 << 16

// NewGiven makes an empty one.
func NewGiven(c *Cookies) *Given { return &Given{c, map[givenTo]given{}} }

// Add notes the cookie that a client is given.
func (g *Given) Add(f *Flow, seq, cookie uint32, now int64) {
	if len(g.of) >= maxGiven {
		for k, v := range g.of {
			if now-v.at >= maxAge*period {
				delete(g.of, k)
			}
		}
		if len(g.of) >= maxGiven {
			return
		}
	}
	g.of[givenTo{*f, seq}] = given{cookie, now}
}

// Check is Cookies.Check for whatever cookie the client sends back: it tells of the
// one that it was given.
func (g *Given) Check(f *Flow, seq uint32, now int64) (mss uint16, ok bool) {
	v, ok := g.of[givenTo{*f, seq}]
	if !ok {
		return 0, false
	}
	return g.cookies.Check(f, seq, v.cookie, now)
}
