package examples

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nfvm/netio"
)

// A recorded is one frame with its interface by name.
type recorded struct {
	link string
	netio.Frame
}

// readCapture reads a whole capture.
func readCapture(path string) ([]recorded, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readFrames(file)
}

// readFrames reads a capture to its end.
func readFrames(in io.Reader) ([]recorded, error) {
	r, err := netio.NewReader(in, "eth0")
	if err != nil {
		return nil, err
	}
	var all []recorded
	for {
		var f netio.Frame
		if err := r.Next(&f); err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return all, err
		}
		f.Data = bytes.Clone(f.Data)
		all = append(all, recorded{r.Interfaces()[f.Interface].Name, f})
	}
}

// exceptions tell which fields of which packets can't be compared (README.md).
type exceptions struct {
	lines [][2]string // field, class
	own   map[netip.Addr]bool
}

// readExceptions reads exceptions.txt, and the host's addresses from host.json.
func readExceptions(dir string) (*exceptions, error) {
	x := &exceptions{own: map[netip.Addr]bool{}}
	text, err := os.ReadFile(filepath.Join(dir, "exceptions.txt"))
	if err != nil {
		return nil, err
	}
	for _, line := range strings.Split(string(text), "\n") {
		line, _, _ = strings.Cut(line, "#")
		switch f := strings.Fields(line); {
		case len(f) == 2 && blank[f[0]] != nil && slices.Contains(classes, f[1]):
			x.lines = append(x.lines, [2]string{f[0], f[1]})
		case len(f) != 0:
			return nil, fmt.Errorf("exceptions.txt: %q", line)
		}
	}
	var host struct {
		Addr []struct {
			Info []struct{ Local netip.Addr } `json:"addr_info"`
		}
	}
	text, err = os.ReadFile(filepath.Join(dir, "host.json"))
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal(text, &host)
	for _, l := range host.Addr {
		for _, i := range l.Info {
			x.own[i.Local] = true
		}
	}
	return x, err
}

// classes are those that class names.
var classes = []string{"router-error", "translated-error", "refragmented", "cookie"}

// blank holds what to do for each field; p is the packet from its IP header.
var blank = map[string]func(p []byte){
	"ipv4.id": func(p []byte) {
		if p[0]>>4 == 4 {
			clear(p[4:6])
			clear(p[10:12])
		}
	},
	"tcp.cookie": blankCookie,
	"ipv6.flow": func(p []byte) {
		if p[0]>>4 == 6 {
			p[1] &= 0xf0
			clear(p[2:4])
		}
	},
	"ipv6.fragment.id": func(p []byte) {
		if p[0]>>4 == 6 && p[6] == 44 && len(p) >= 48 {
			clear(p[44:48])
		}
	},
}

// blankCookie blanks what a SYN proxy makes up in a SYN/ACK over IPv4: the sequence
// number, the checksum, and of the time in the timestamp all but six bits, in which it
// keeps what the client offered.
func blankCookie(p []byte) {
	t := p[int(p[0]&15)*4:]
	t = t[:min(int(t[12]>>4)*4, len(t))]
	clear(t[4:8])
	clear(t[16:18])
	for o := t[20:]; len(o) >= 10; {
		switch {
		case o[0] == 1: // one byte of padding
			o = o[1:]
			continue
		case o[0] == 8:
			clear(o[2:5])
			o[5] &= 0x3f
		}
		o = o[max(2, min(int(o[1]), len(o))):]
	}
}

// comparable returns the frame's bytes with the exceptions blanked.
func (x *exceptions) comparable(f recorded) []byte {
	b := bytes.Clone(f.Data)
	if f.Direction != netio.DirectionOutbound || len(b) < 14+40 {
		return b
	}
	for _, line := range x.lines {
		if x.class(b[14:]) == line[1] {
			blank[line[0]](b[14:])
		}
	}
	return b
}

// class names the class of an IP packet of at least 40 bytes, "" for most.
func (x *exceptions) class(p []byte) string {
	switch p[0] >> 4 {
	case 4:
		src, _ := netip.AddrFromSlice(p[12:16])
		if p[0] == 0x45 && p[9] == 6 && p[33]&0x12 == 0x12 && p[8] == 64 && !x.own[src] {
			return "cookie"
		}
		typ := p[int(p[0]&15)*4%len(p)]
		if p[9] == 1 && (typ == 3 || typ == 11 || typ == 12) && binary.BigEndian.Uint16(p[6:])&0x1fff == 0 {
			switch {
			case x.own[src]:
				return "router-error"
			case p[8] == 64: // nobody made it one less
				return "translated-error"
			}
		}
	case 6:
		src, _ := netip.AddrFromSlice(p[8:24])
		if p[6] == 58 && len(p) > 40 && x.own[src] && p[40] >= 1 && p[40] <= 4 {
			return "router-error"
		}
		if p[6] == 44 {
			return "refragmented"
		}
	}
	return ""
}

// difference compares two outputs, interface by interface and direction by
// direction, and tells the first difference, or "".
func (x *exceptions) difference(got, want []recorded) string {
	type lane struct {
		link string
		dir  netio.Direction
	}
	lanes := map[lane][2][]recorded{}
	for i, list := range [][]recorded{got, want} {
		for _, f := range list {
			l := lanes[lane{f.link, f.Direction}]
			l[i] = append(l[i], f)
			lanes[lane{f.link, f.Direction}] = l
		}
	}
	for k, l := range lanes {
		for i := range max(len(l[0]), len(l[1])) {
			switch {
			case i >= len(l[0]):
				return fmt.Sprintf("%s direction %d: packet %d is missing (frame %d of kernel.pcapng):\n%x", k.link, k.dir, i+1, l[1][i].Number, l[1][i].Data)
			case i >= len(l[1]):
				return fmt.Sprintf("%s direction %d: packet %d is one too many:\n%x", k.link, k.dir, i+1, l[0][i].Data)
			case !bytes.Equal(x.comparable(l[0][i]), x.comparable(l[1][i])):
				return fmt.Sprintf("%s direction %d: packet %d (frame %d of kernel.pcapng)\n got %x\nwant %x", k.link, k.dir, i+1, l[1][i].Number, l[0][i].Data, l[1][i].Data)
			}
		}
	}
	return ""
}
