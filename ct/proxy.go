package ct

// A Proxy is what a SYN proxy notes of a connection that it began for a client
// (struct nf_conn_synproxy).
type Proxy struct {
	ISN    uint32 // the initial sequence number that the client was given
	Stamp  uint32 // the timestamp that it was given
	Offset uint32 // by how much the server's timestamps are ahead of it
}

// AddProxy makes an entry one that a SYN proxy began.
func (t *Table) AddProxy(e *Entry) {
	if t.proxies == nil {
		t.proxies = make(map[uint32]*Proxy)
	}
	e.proxied = true
	t.proxies[e.ID] = &Proxy{}
}

// ProxyOf gives what the proxy noted, nil for an entry that it did not begin.
func (t *Table) ProxyOf(e *Entry) *Proxy {
	if !e.proxied {
		return nil
	}
	return t.proxies[e.ID]
}

// awaitsServer reports whether a segment is a client's that keeps a connection
// alive of which the server has not heard, as the SYN proxy's own segment to it
// was lost.
func (e *Entry) awaitsServer(d uint8, s *segment, old uint8) bool {
	c := &e.TCP
	const original = 0
	return e.proxied && old == TCPSynSent && s.class == classAck && d == original && c.lastDir == original &&
		c.Seen[original].End-1 == s.seq
}
