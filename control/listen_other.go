//go:build !unix

package control

import (
	"context"
	"errors"
	"net"
)

func listenPrivate(string) (net.Listener, error) {
	return nil, errors.New("needs a unix system")
}

// untilGone takes a client that has no more to say for gone.
func untilGone(context.Context, net.Conn) {}
