package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"sync"
	"time"
)

// maxLine is the longest line that a client may send, in bytes: a ruleset with a
// million elements goes in.
const maxLine = 64 << 20

// A Method answers a request. It may send events before it returns; ctx ends when
// the client is gone or the server closes.
type Method func(ctx context.Context, params json.RawMessage, event func(any) error) (result any, err error)

// A Server answers requests on a unix socket.
type Server struct {
	Methods map[string]Method

	listener net.Listener
	ctx      context.Context
	cancel   context.CancelFunc
	clients  sync.WaitGroup
}

// Listen opens a unix socket at path, which only its owner may use and which goes
// when the listener is closed. A socket that a dead process has left is replaced;
// where one answers it is an error.
func Listen(path string) (net.Listener, error) {
	if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
		c.Close()
		return nil, fmt.Errorf("socket %s: another process is serving it", path)
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSocket != 0 {
		_ = os.Remove(path)
	}
	return listenPrivate(path)
}

// Listen opens the socket at path, as the function does, and serves it.
func (s *Server) Listen(path string) (err error) {
	if s.listener, err = Listen(path); err != nil {
		return fmt.Errorf("control %w", err)
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.clients.Go(s.accept)
	return nil
}

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // out of descriptors, say: others may finish meanwhile
			select {
			case <-s.ctx.Done():
				return
			case <-time.After(100 * time.Millisecond):
			}
		default:
			s.clients.Go(func() { s.serve(c) })
		}
	}
}

// Close ends all conversations and removes the socket.
func (s *Server) Close() error {
	s.cancel()
	err := s.listener.Close()
	s.clients.Wait()
	return err
}

// serve answers one client, a request after the other.
func (s *Server) serve(c net.Conn) {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	defer c.Close()
	requests := make(chan Request)
	go func() {
		defer cancel()
		read(ctx, c, requests)
		close(requests)
		untilGone(ctx, c) // it may be that it has only no more to say
	}()
	enc := json.NewEncoder(c)
	enc.SetEscapeHTML(false)
	for r := range requests {
		if err := enc.Encode(s.answer(ctx, r, enc)); err != nil {
			return
		}
	}
}

// read passes on the requests of a client until it closes, or sends what is none.
func read(ctx context.Context, c net.Conn, requests chan<- Request) {
	lines := bufio.NewScanner(c)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var r Request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			r = Request{Method: "", Params: json.RawMessage(`null`)}
		}
		select {
		case requests <- r:
		case <-ctx.Done():
			return
		}
	}
}

func (s *Server) answer(ctx context.Context, r Request, enc *json.Encoder) Response {
	m := s.Methods[r.Method]
	switch {
	case r.Method == "":
		return failure(r, errors.New("not a request: want a line of JSON with a method"))
	case m == nil:
		return failure(r, fmt.Errorf("unknown method %q", r.Method))
	}
	result, err := m(ctx, r.Params, func(v any) error { return enc.Encode(Response{ID: r.ID, Event: v}) })
	if err != nil {
		return failure(r, err)
	}
	if result == nil {
		result = struct{}{}
	}
	return Response{ID: r.ID, Result: result}
}

func failure(r Request, err error) Response {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Message: err.Error()}
	}
	return Response{ID: r.ID, Error: e}
}
