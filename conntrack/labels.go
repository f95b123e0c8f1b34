package conntrack

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// labels is a set of connection labels.
type labels [16]byte

func (l *labels) add(bit int) { l[bit/8] |= 1 << (bit % 8) }

// labelFile says which names labels have, a number and a name in a line.
const labelFile = "/etc/xtables/connlabel.conf"

// A labelMap gives labels names.
type labelMap struct {
	names map[int]string
	bits  map[string]int
}

// readLabels reads a file of names. A line that is none is passed over.
func readLabels(r io.Reader) *labelMap {
	m := &labelMap{map[int]string{}, map[string]int{}}
	for in := bufio.NewScanner(r); in.Scan(); {
		line := in.Text()
		if line == "" || line[0] < '0' || line[0] > '9' {
			continue
		}
		number, name, _ := strings.Cut(line, " ")
		if i := strings.IndexAny(number, "\t"); i >= 0 {
			number, name = number[:i], line[i:]
		}
		name = strings.Trim(name, " \t\"")
		bit, err := strconv.Atoi(number)
		if _, taken := m.bits[name]; err != nil || bit >= 128 || name == "" || taken {
			continue
		}
		m.names[bit], m.bits[name] = name, bit
	}
	return m
}
