// Package control is how other programs speak to a running nfvm: JSON over a unix
// socket.
//
// A line is a message. A client sends requests, {"id": 1, "method":
// "ruleset.list", "params": {…}}; the answer carries the id of its request and
// either "result" or "error", {"message": "…"}. Methods that watch something
// send any number of lines with "event" before, and go on until the client
// closes the connection. docs/control.md lists the methods.
//
// The socket has mode 0600: whoever may open it may do everything.
package control
