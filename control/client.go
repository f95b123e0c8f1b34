package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
)

// A Client speaks to a running nfvm. It is for one goroutine.
type Client struct {
	conn net.Conn
	enc  *json.Encoder
	dec  *json.Decoder
	id   int
}

// Dial connects to the socket at path.
func Dial(path string) (*Client, error) {
	c, err := net.Dial("unix", path)
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err // which does not name the path again
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	if err != nil {
		return nil, fmt.Errorf("no nfvm answers at %s: %w", path, err)
	}
	return &Client{conn: c, enc: json.NewEncoder(c), dec: json.NewDecoder(c)}, nil
}

// Close ends the conversation, and with it what Watch waits for.
func (c *Client) Close() error { return c.conn.Close() }

// Call sends a request and fills result, if it is not nil, with the answer. A
// refusal is an *Error.
func (c *Client) Call(method string, params, result any) error {
	return c.Watch(method, params, result, func(json.RawMessage) error { return nil })
}

// Watch is Call for a method that sends events. It ends with the error that event
// gives, if it gives one, or with io.EOF when the server has closed.
func (c *Client) Watch(method string, params, result any, event func(json.RawMessage) error) error {
	c.id++
	var p json.RawMessage
	if params != nil {
		var err error
		if p, err = json.Marshal(params); err != nil {
			return err
		}
	}
	if err := c.enc.Encode(Request{ID: json.RawMessage(fmt.Sprint(c.id)), Method: method, Params: p}); err != nil {
		return err
	}
	for {
		var r struct {
			Event, Result json.RawMessage
			Error         *Error
		}
		if err := c.dec.Decode(&r); err != nil {
			if errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrUnexpectedEOF) {
				err = io.EOF
			}
			return err
		}
		switch {
		case r.Error != nil:
			return r.Error
		case r.Event != nil:
			if err := event(r.Event); err != nil {
				return err
			}
		case result == nil:
			return nil
		default:
			return json.Unmarshal(r.Result, result)
		}
	}
}
