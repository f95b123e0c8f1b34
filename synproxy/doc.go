// Package synproxy has what answering TCP handshakes in a server's place takes:
// the options of segments, the sequence numbers that say again what the first
// segment said (SYN cookies), and the segments that the proxy sends
// (nf_synproxy_core; RFC 4987, section 3.6).
package synproxy
