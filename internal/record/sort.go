package main

import (
	"fmt"
	"sort"
	"time"
)

// An outcome is a recording sorted into the two captures.
type outcome struct {
	traffic []frame // input of a replay
	kernel  []frame // its expected output
	count   map[origin]int
	left    map[string]int // identities that passed the output hook and never left
}

// sort tells input from output. Times are made to rise in the order in which the
// kernel handled the frames: an arrival is stamped when it is queued, which can
// be some microseconds before frames handled ahead of it left.
func (rec *recording) sort() (*outcome, error) {
	out := &outcome{count: map[origin]int{}}
	o, p := newOrigins(rec), newPassage(rec.bridges)
	var last time.Time
	for i := range rec.frames {
		f := &rec.frames[i]
		if f.link == "lo" {
			return nil, fmt.Errorf("frame %d crosses lo: a recording has no traffic of the host with itself", i+1)
		}
		if f.at.Before(last) {
			if d := last.Sub(f.at); d > 5*time.Millisecond {
				return nil, fmt.Errorf("frame %d is %v older than the one before it", i+1, d)
			}
			f.at = last
		}
		last = f.at
		if p.bridge[f.link] || p.isPort(f.link) {
			out.placeBridged(*f, o, p)
		} else {
			out.place(*f, o)
		}
	}
	out.deliver(rec)
	out.left = o.output
	return out, nil
}

// place adds one frame to the captures that it belongs to. ARP that the host
// sends is in neither: a replay answers no ARP.
func (out *outcome) place(f frame, o *origins) {
	p, isIP := parseFrame(f.data)
	switch {
	case !f.out && !isIP: // delivered as it came
		out.kernel = append(out.kernel, f)
		out.traffic = append(out.traffic, f)
	case !f.out:
		out.traffic = append(out.traffic, f)
	case isIP:
		by := o.of(p)
		out.count[by]++
		out.kernel = append(out.kernel, f)
		if by == host {
			out.traffic = append(out.traffic, f)
		}
	}
}

// deliver merges the delivered packets into the expected output, each at the time
// of the frame that completed it.
func (out *outcome) deliver(rec *recording) {
	for _, l := range rec.delivered {
		out.kernel = append(out.kernel, frame{
			at: arrival(rec.frames, l), link: l.link, data: append(l.mac[:len(l.mac):len(l.mac)], l.data...),
		})
	}
	sort.SliceStable(out.kernel, func(i, j int) bool { return out.kernel[i].at.Before(out.kernel[j].at) })
}

// arrival finds the full time of a logged packet, which the log cuts to
// microseconds.
func arrival(frames []frame, l logged) time.Time {
	at := l.at
	for _, f := range frames {
		if !f.out && f.link == l.link && f.at.Truncate(time.Microsecond).Equal(l.at) {
			at = f.at
		}
	}
	return at
}

func (out *outcome) summary(name string) string {
	arrived := 0
	for _, f := range out.traffic {
		if !f.out {
			arrived++
		}
	}
	delivered := 0
	for _, f := range out.kernel {
		if !f.out {
			delivered++
		}
	}
	return fmt.Sprintf("%s: %d frames arrived, %d delivered; sent: %d forwarded, %d by the host, %d errors of router and rules",
		name, arrived, delivered, out.count[forwarded], out.count[host], out.count[router])
}
