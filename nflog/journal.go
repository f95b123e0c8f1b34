package nflog

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// DefaultJournal is the socket of systemd-journald.
const DefaultJournal = "/run/systemd/journal/socket"

// A journal sends lines with fields to systemd's journal, in its own protocol
// (systemd.io/JOURNAL_NATIVE_PROTOCOL).
type journal struct {
	lines
	datagrams
	buf []byte
}

// OpenJournal sends lines with fields to the journal at a unix socket.
func OpenJournal(path string) (Sink, error) {
	j := &journal{datagrams: datagrams{path: path}}
	return j, j.dial()
}

func (j *journal) write(r *Record) error {
	j.buf = j.buf[:0]
	j.field("MESSAGE", r.Text())
	j.field("PRIORITY", strconv.Itoa(r.Level()))
	j.field("SYSLOG_IDENTIFIER", "nfvm")
	for name, value := range r.fields {
		j.field("NFVM_"+strings.ToUpper(name), value)
	}
	return j.send(j.buf)
}

// field adds a field that is not empty. One with a line break has its length
// before it.
func (j *journal) field(name, value string) {
	if value == "" {
		return
	}
	j.buf = append(j.buf, name...)
	if strings.Contains(value, "\n") {
		j.buf = append(j.buf, '\n')
		j.buf = binary.LittleEndian.AppendUint64(j.buf, uint64(len(value)))
	} else {
		j.buf = append(j.buf, '=')
	}
	j.buf = append(append(j.buf, value...), '\n')
}
