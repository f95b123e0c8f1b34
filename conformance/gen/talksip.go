package gen

import (
	"fmt"
	"regexp"
)

// sipLine draws a message of SIP. The side that was called answers to what the
// caller sends, all in one dialog.
func sipLine(t *Talks, s *side, client bool) string {
	own, peer := s.own+":"+s.ownPort, s.peer+":"+s.peerPort
	via := "Via: SIP/2.0/UDP %s;branch=z9hG4bK1\r\n"
	names := fmt.Sprintf("From: <sip:a@%s>;tag=1\r\nTo: <sip:b@%s>\r\nCall-ID: c%s\r\n", own, peer, s.ownPort)
	contact := fmt.Sprintf("Contact: <sip:u@%s>\r\n", own)
	if client {
		method := pick(t.source, "INVITE", "INVITE", "REGISTER", "ACK", "BYE", "OPTIONS", "PRACK", "UPDATE")
		head := fmt.Sprintf("%s sip:b@%s SIP/2.0\r\n", method, s.peer) + fmt.Sprintf(via, own) + names + fmt.Sprintf("CSeq: %d %s\r\n", 1+t.IntN(2), method)
		switch method {
		case "REGISTER":
			return head + contact + pick(t.source, "Expires: 60\r\n", "Expires: 0\r\n", "") + "Content-Length: 0\r\n\r\n"
		case "INVITE", "UPDATE":
			return head + contact + t.description(s)
		}
		return head + "Content-Length: 0\r\n\r\n"
	}
	names = fmt.Sprintf("From: <sip:a@%s>;tag=1\r\nTo: <sip:b@%s>;tag=2\r\nCall-ID: c%s\r\n", peer, own, s.peerPort)
	method := pick(t.source, "INVITE", "INVITE", "INVITE", "REGISTER", "UPDATE")
	head := fmt.Sprintf("SIP/2.0 %s\r\n", pick(t.source, "200 OK", "200 OK", "100 Trying", "183 Progress", "404 None")) +
		fmt.Sprintf(via, peer) + names + fmt.Sprintf("CSeq: %d %s\r\n", 1+t.IntN(2), method)
	if method == "REGISTER" {
		return head + fmt.Sprintf("Contact: <sip:u@%s>;expires=%d\r\nContent-Length: 0\r\n\r\n", peer, pick(t.source, 60, 100))
	}
	return head + contact + t.description(s)
}

// description draws a session description with its length.
func (t *Talks) description(s *side) string {
	port := t.even()
	media := fmt.Sprintf("m=audio %d RTP/AVP 0\r\n", port)
	if t.chance(30) {
		media += fmt.Sprintf("m=video %d RTP/AVP 31\r\n", t.even())
	}
	body := fmt.Sprintf("v=0\r\no=u 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n", s.own, s.own) + media
	return fmt.Sprintf("Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

var (
	sdpAddress = regexp.MustCompile(`c=IN IP4 (\S+)`)
	sdpMedium  = regexp.MustCompile(`m=\w+ (\d+) `)
)

func sipTargets(data string, _ *side) (out []target) {
	at := sdpAddress.FindStringSubmatch(data)
	if at == nil {
		return nil
	}
	for _, m := range sdpMedium.FindAllStringSubmatch(data, -1) {
		out = append(out, target{proto: "udp", addr: at[1], port: m[1]})
	}
	return out
}
