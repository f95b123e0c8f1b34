//go:build unix

package control

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func serve(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	s := &Server{Methods: map[string]Method{
		"echo": func(_ context.Context, p json.RawMessage, _ func(any) error) (any, error) { return p, nil },
		"fail": func(context.Context, json.RawMessage, func(any) error) (any, error) { return nil, errors.New("no") },
		"count": func(_ context.Context, _ json.RawMessage, event func(any) error) (any, error) {
			for i := range 3 {
				if err := event(i); err != nil {
					return nil, err
				}
			}
			return "done", nil
		},
		"forever": func(ctx context.Context, _ json.RawMessage, event func(any) error) (any, error) {
			err := event("begun")
			<-ctx.Done()
			return nil, err
		},
	}}
	if err := s.Listen(path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("the socket is still there: %v", err)
		}
	})
	return path
}

func dial(t *testing.T, path string) *Client {
	t.Helper()
	c, err := Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestCall(t *testing.T) {
	path := serve(t)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket has mode %v: %v", info.Mode(), err)
	}
	c := dial(t, path)
	var got map[string]int
	if err := c.Call("echo", map[string]int{"a": 7}, &got); err != nil || got["a"] != 7 {
		t.Errorf("echo gives %v, %v", got, err)
	}
	if err := c.Call("fail", nil, nil); err == nil || err.Error() != "no" {
		t.Errorf("fail gives %v", err)
	}
	if err := c.Call("nonsense", nil, nil); err == nil || !strings.Contains(err.Error(), `unknown method "nonsense"`) {
		t.Errorf("nonsense gives %v", err)
	}
	var events []string
	var result string
	err = c.Watch("count", nil, &result, func(e json.RawMessage) error { events = append(events, string(e)); return nil })
	if err != nil || strings.Join(events, " ") != "0 1 2" || result != "done" {
		t.Errorf("count gives %q, %q, %v", events, result, err)
	}
}

// TestGarbage: what is no request is refused, and the next one answered.
func TestGarbage(t *testing.T) {
	conn, err := net.Dial("unix", serve(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "\x00{]\n[1,2]\n{\"method\":\"echo\",\"params\":5}\n"); err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(conn)
	for i, want := range []string{"not a request", "not a request", ""} {
		var r Response
		if err := dec.Decode(&r); err != nil {
			t.Fatal(err)
		}
		if want == "" && r.Error != nil || want != "" && (r.Error == nil || !strings.Contains(r.Error.Message, want)) {
			t.Errorf("line %d: %+v", i, r)
		}
	}
}

// TestWatchEnds: closing either side ends a conversation that would go on.
func TestWatchEnds(t *testing.T) {
	path := serve(t)
	c := dial(t, path)
	err := c.Watch("forever", nil, nil, func(json.RawMessage) error { return c.Close() })
	if !errors.Is(err, io.EOF) {
		t.Errorf("closed by the client: %v", err)
	}
	d := dial(t, path)
	_ = d.Watch("forever", nil, nil, func(json.RawMessage) error { return io.ErrShortBuffer })
	// The cleanup of serve closes the server while d's request is running.
}

// TestTaken: a socket that answers is not taken over, a dead one is.
func TestTaken(t *testing.T) {
	path := serve(t)
	if err := (&Server{}).Listen(path); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("Listen on a living socket: %v", err)
	}
	dead := filepath.Join(t.TempDir(), "dead")
	l, err := net.Listen("unix", dead)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	s := &Server{}
	if err := s.Listen(dead); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestHalfClosed: who has no more to ask still gets all answers.
func TestHalfClosed(t *testing.T) {
	path := serve(t)
	for range 50 {
		c, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		const n = 5
		_, err = io.WriteString(c, strings.Repeat(`{"method":"nothing"}`+"\n", n))
		if err := errors.Join(err, c.(*net.UnixConn).CloseWrite()); err != nil {
			t.Fatal(err)
		}
		answers, err := io.ReadAll(c)
		if err != nil || strings.Count(string(answers), "unknown method") != n {
			t.Fatalf("%v: %s", err, answers)
		}
		c.Close()
	}
}
