package nflog

import (
	"fmt"
	"net"
	"os"
	"time"
)

// DefaultSyslog is the socket of the system log.
const DefaultSyslog = "/dev/log"

// Facilities are those of syslog(3), by number.
var Facilities = []string{"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
	12: "", 13: "", 14: "", 15: "", 16: "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"}

// A syslog sends lines to the system log as RFC 3164 has them.
type syslog struct {
	lines
	datagrams
	facility int
	buf      []byte
}

// OpenSyslog sends lines to the system log at a unix socket.
func OpenSyslog(path string, facility int) (Sink, error) {
	s := &syslog{datagrams: datagrams{path: path}, facility: facility}
	return s, s.dial()
}

func (s *syslog) write(r *Record) error {
	when := time.Unix(0, r.Packet.Time)
	s.buf = fmt.Appendf(s.buf[:0], "<%d>%s nfvm[%d]: %s", s.facility<<3|r.Level(), when.Format(time.Stamp), os.Getpid(), r.Text())
	return s.send(s.buf)
}

// datagrams go to a unix socket, which may be made anew by who serves it.
type datagrams struct {
	path string
	conn net.Conn
}

func (d *datagrams) dial() (err error) {
	d.conn, err = net.Dial("unixgram", d.path)
	return err
}

// send sends a message, to whoever serves the socket now.
func (d *datagrams) send(b []byte) error {
	if d.conn != nil {
		_ = d.conn.SetWriteDeadline(time.Now().Add(pipeTime)) // a socket has one
		if _, err := d.conn.Write(b); err == nil {
			return nil
		}
		d.conn.Close()
		d.conn = nil
	}
	if err := d.dial(); err != nil {
		d.conn = nil
		return err
	}
	_ = d.conn.SetWriteDeadline(time.Now().Add(pipeTime))
	_, err := d.conn.Write(b)
	return err
}

func (d *datagrams) close() error {
	if d.conn == nil {
		return nil
	}
	return d.conn.Close()
}
